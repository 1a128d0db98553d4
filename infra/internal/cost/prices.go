package cost

import (
	"bytes"
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v3"
)

//go:embed prices.yaml
var pricesFile []byte

// prices is the file prices.yaml.
type prices struct {
	// Collected is the day, as YYYY-MM-DD.
	Collected     string
	Currency      string
	HoursPerMonth float64 `yaml:"hoursPerMonth"`
	AWS           cloud
	Azure         cloud
}

type cloud struct {
	Region string
	Prices map[string]price
	// Flat and Zonal give a type its price, ByUse says what it is billed for.
	Flat, Zonal map[string]string
	ByUse       map[string]string `yaml:"byUse"`
	Free        []string
}

type price struct {
	USD float64 `yaml:"usd"`
	// Unit is hour, month or GB-month.
	Unit   string
	Source string
}

// monthly is the price of one for a month.
func (p price) monthly(hours float64) float64 {
	if p.Unit == "hour" {
		return p.USD * hours
	}
	return p.USD
}

// known marks a price that was not looked up.
const known = "known"

func readPrices() (prices, error) {
	var read prices
	decoder := yaml.NewDecoder(bytes.NewReader(pricesFile))
	decoder.KnownFields(true)
	if err := decoder.Decode(&read); err != nil {
		return prices{}, fmt.Errorf("read prices.yaml: %w", err)
	}
	return read, nil
}
