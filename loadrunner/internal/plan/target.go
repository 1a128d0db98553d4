package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
)

func (t Target) resolve() (*url.URL, error) {
	if (t.URL == "") == (t.Outputs == "") {
		return nil, errors.New("target: give a url, or the file of a stack's outputs")
	}
	if t.Outputs != "" {
		text, err := os.ReadFile(t.Outputs)
		if err != nil {
			return nil, fmt.Errorf("target: %w", err)
		}
		var outputs struct{ URL string }
		if err := json.Unmarshal(text, &outputs); err != nil || outputs.URL == "" {
			return nil, fmt.Errorf("target: %s has no url in it: make outputs prints such a file", t.Outputs)
		}
		t.URL = outputs.URL
	}
	u, err := url.Parse(t.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return nil, fmt.Errorf("target: %q is no url such as http://127.1.0.10:8080", t.URL)
	}
	return u, nil
}

func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
