// Cargo wants a source; there is none.
