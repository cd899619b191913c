// Go's runtime: goroutines that talk over channels, maps, slices that grow, strings, and the garbage collector's work.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

var input = bufio.NewReader(os.Stdin)

func tell(text string) {
	fmt.Print(text)
	input.ReadString('\n')
}

func mix(checksum, value uint64) uint64 { return (checksum^value)*0x100000001b3 + checksum>>29 }

type node struct {
	left, right *node
	key         uint64
}

func (n *node) insert(key uint64) *node {
	if n == nil {
		return &node{key: key}
	}
	if key < n.key {
		n.left = n.left.insert(key)
	} else {
		n.right = n.right.insert(key)
	}
	return n
}

func (n *node) depth() int {
	if n == nil {
		return 0
	}
	return 1 + max(n.left.depth(), n.right.depth())
}

func produce(count int, seed uint64, out chan<- uint64) {
	for i := 0; i < count; i++ {
		seed = seed*6364136223846793005 + 1442695040888963407
		out <- seed >> 33
	}
	close(out)
}

func work(seed uint64) uint64 {
	numbers := make(chan uint64, 16)
	go produce(2000, seed, numbers)
	counts := map[string]int{}
	var root *node
	var words []string
	for number := range numbers {
		word := strconv.FormatUint(number%500, 7)
		counts[word]++
		root = root.insert(number)
		words = append(words, strings.ToUpper("w"+word))
	}
	sort.Strings(words)
	checksum := uint64(root.depth())
	for _, word := range words[:100] {
		checksum = mix(checksum, uint64(len(word)+counts[strings.ToLower(word[1:])]))
	}
	return checksum
}

func main() {
	rounds := 1
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	tell("begin\n")
	checksum := uint64(0)
	for round := 0; round < rounds; round++ {
		checksum = mix(checksum, work(uint64(round)))
	}
	tell(fmt.Sprintf("%016x\nend\n", checksum))
}
