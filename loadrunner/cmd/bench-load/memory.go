package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"
)

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// watchMemory looks at a process 20 times a second, and sends how much memory it had
// at most, in MB, once ended is closed. What wait4 says cannot be used: it is at least
// the memory of the process that started it.
func watchMemory(pid int, ended <-chan struct{}) <-chan float64 {
	peak := make(chan float64, 1)
	go func() {
		ticker := time.NewTicker(50 * time.Millisecond)
		defer ticker.Stop()
		most := 0.0
		for {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			if m := highWater.FindSubmatch(text); err == nil && m != nil {
				kb, _ := strconv.Atoi(string(m[1])) // digits
				most = max(most, float64(kb)/1024)
			}
			select {
			case <-ended:
				peak <- most
				return
			case <-ticker.C:
			}
		}
	}()
	return peak
}
