package supervisor

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// consoleLimit bounds the console log: at this many bytes it becomes
// console.log.0, in place of the one before, and a new one begins.
const consoleLimit = 1 << 20

// tailLines is how many last lines a failed boot reports.
const tailLines = 20

// maxLine cuts longer lines of output in two.
const maxLine = 4096

// console is the log of all output, each line with its time and source.
type console struct {
	path string
	now  func() time.Time

	mu   sync.Mutex
	file *os.File
	size int64
	tail []string
}

func openConsole(path string) (*console, error) {
	c := &console{path: path, now: time.Now}
	return c, c.open()
}

func (c *console) open() error {
	file, err := os.OpenFile(c.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open console log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open console log: %w", err)
	}
	c.file, c.size = file, info.Size()
	return nil
}

// line writes one line. A log that cannot be written is given up silently:
// there is no other place to say so, and the instance goes on.
func (c *console) line(source, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tail = append(c.tail, source+": "+text)
	c.tail = c.tail[max(0, len(c.tail)-tailLines):]
	if c.file == nil {
		return
	}
	n, _ := fmt.Fprintf(c.file, "%s %s: %s\n", c.now().UTC().Format("2006-01-02T15:04:05.000Z"), source, text)
	c.size += int64(n)
	if c.size < consoleLimit {
		return
	}
	c.file.Close()
	c.file = nil
	if os.Rename(c.path, c.path+".0") == nil {
		_ = c.open()
	}
}

// last returns the newest lines.
func (c *console) last() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.tail...)
}

// pipe returns the write end for a process's output. Its lines appear until
// every holder has closed it; done is closed then.
func (c *console) pipe(source string) (write *os.File, done <-chan struct{}, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("open output pipe: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer read.Close()
		c.copy(source, read)
	}()
	return write, ended, nil
}

func (c *console) copy(source string, from io.Reader) {
	lines := bufio.NewReaderSize(from, maxLine)
	for {
		text, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		c.line(source, string(text))
	}
}
