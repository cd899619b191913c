// A ledger in Go: its runtime brings a scheduler, a garbage collector and its own stacks, so goroutines, channels, select,
// maps, big integers, JSON, formatting, recovery from panics and files all exercise code that no C program has.
package main

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

type Entry struct {
	Account string  `json:"account"`
	Cents   int64   `json:"cents"`
	Note    string  `json:"note,omitempty"`
	Rate    float64 `json:"rate"`
}

func readEntries() ([]Entry, error) {
	var entries []Entry
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		var entry Entry
		if err := json.Unmarshal(scanner.Bytes(), &entry); err != nil {
			return entries, fmt.Errorf("entry %d: %w", len(entries)+1, err)
		}
		entries = append(entries, entry)
	}
	return entries, scanner.Err()
}

func balances(entries []Entry) {
	totals := map[string]int64{}
	for _, entry := range entries {
		totals[entry.Account] += entry.Cents
	}
	names := make([]string, 0, len(totals))
	for name := range totals {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("%-12s %10.2f\n", name, float64(totals[name])/100)
	}
	text, _ := json.MarshalIndent(entries[:2], "", "  ")
	fmt.Println(string(text))
}

func pipeline() {
	numbers := make(chan int)
	squares := make(chan int, 8)
	var workers sync.WaitGroup
	for i := 0; i < 4; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for n := range numbers {
				squares <- n * n
			}
		}()
	}
	go func() {
		for i := 0; i < 5000; i++ {
			numbers <- i
		}
		close(numbers)
		workers.Wait()
		close(squares)
	}()
	sum := 0
	for square := range squares {
		sum += square
	}
	fmt.Println("squares", sum)
	select {
	case <-time.After(10 * time.Millisecond):
		fmt.Println("timer fired")
	case <-make(chan int):
	}
}

func factorial(n int64) *big.Int {
	if n < 2 {
		return big.NewInt(1)
	}
	return new(big.Int).Mul(big.NewInt(n), factorial(n-1))
}

type node struct{ left, right *node }

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

func (n *node) count() int {
	if n.left == nil {
		return 1
	}
	return 1 + n.left.count() + n.right.count()
}

func recovered() (message string) {
	defer func() { message = fmt.Sprint(recover()) }()
	var values []int
	index := len(os.Args)
	return fmt.Sprint(values[index])
}

func files(dir string) error {
	path := filepath.Join(dir, "books", "2024")
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	for i := 0; i < 5; i++ {
		if err := os.WriteFile(filepath.Join(path, fmt.Sprintf("page%d", i)), []byte(strings.Repeat("ledger\n", i)), 0o666); err != nil {
			return err
		}
	}
	if err := os.Remove(filepath.Join(path, "page3")); err != nil {
		return err
	}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		relative, _ := filepath.Rel(dir, name)
		fmt.Printf("%s %d %x\n", relative, len(data), sha256.Sum256(data))
		return err
	})
	_, absent := os.Stat(filepath.Join(dir, "absent"))
	fmt.Println("absent:", errors.Is(absent, fs.ErrNotExist))
	return err
}

func main() {
	fmt.Println(os.Args[2:], os.Getenv("GREETING"), os.Getenv("HOME") == "")
	entries, err := readEntries()
	if err != nil || len(entries) < 2 {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
	balances(entries)
	pipeline()
	fmt.Println(factorial(60))
	nodes := 0
	for i := 0; i < 8; i++ {
		nodes += tree(14).count()
	}
	fmt.Println("nodes", nodes)
	fmt.Println(math.Sqrt(2), math.MaxInt64, math.Inf(-1), math.Float64bits(1.1), uint64(math.MaxUint64)%1000003)
	fmt.Println(recovered())
	random := make([]byte, 16)
	_, err = rand.Read(random)
	fmt.Println("random", err == nil && string(random) != string(make([]byte, 16)))
	if err := files(os.Args[1]); err != nil {
		fmt.Println("files:", err)
		os.Exit(1)
	}
	os.Exit(9)
}
