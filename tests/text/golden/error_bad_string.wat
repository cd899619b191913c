(module (data "good" "bad \q"))
