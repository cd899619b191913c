// Plain Go: slices of slices of floating point with bounds checks, interfaces, and closures.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
)

var input = bufio.NewReader(os.Stdin)

func tell(text string) {
	fmt.Print(text)
	input.ReadString('\n')
}

type operator interface {
	apply(to, from []float64)
}

type matrix [][]float64

func (m matrix) apply(to, from []float64) {
	for i, row := range m {
		sum := 0.0
		for j, value := range row {
			sum += value * from[j]
		}
		to[i] = sum
	}
}

type shift struct{ by int }

func (s shift) apply(to, from []float64) {
	for i := range to {
		to[i] = from[(i+s.by)%len(from)]
	}
}

func each(values []float64, change func(float64) float64) {
	for i, value := range values {
		values[i] = change(value)
	}
}

func main() {
	const order = 100
	rounds := 1
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	square := make(matrix, order)
	for i := range square {
		square[i] = make([]float64, order)
		for j := range square[i] {
			square[i][j] = float64((i*7+j*3)%11) / (5 * order)
		}
	}
	now, next := make([]float64, order), make([]float64, order)
	for i := range now {
		now[i] = float64(i)
	}
	operators := []operator{square, shift{3}, square, shift{order - 1}}
	tell("begin\n")
	for round := 0; round < rounds; round++ {
		for _, step := range operators {
			step.apply(next, now)
			now, next = next, now
		}
		each(now, func(value float64) float64 { return value*0.9 + float64(round%5) })
	}
	sum := 0.0
	for _, value := range now {
		sum += value
	}
	tell(fmt.Sprintf("%016x\nend\n", int64(sum*1000+0.5)))
}
