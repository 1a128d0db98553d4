package apimodel

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// textOf shows a value as the API would write it.
func textOf(value any) string {
	if figure, ok := value.(float64); ok {
		return number(figure)
	}
	return fmt.Sprint(value)
}

// numberOf reads a number, also from a text: Pulumi has some as texts.
func numberOf(value any) (figure float64, ok bool) {
	switch known := value.(type) {
	case float64:
		return known, true
	case string:
		figure, err := strconv.ParseFloat(known, 64)
		return figure, err == nil
	}
	return 0, false
}

func number(figure float64) string { return strconv.FormatFloat(figure, 'f', -1, 64) }

func length(text string) float64 { return float64(utf8.RuneCountInString(text)) }

// outside says that a figure is out of its range, or nothing.
func outside(what string, figure float64, least, most *float64) string {
	switch {
	case least != nil && figure < *least:
		return fmt.Sprintf("%s %s, less than %s", what, number(figure), number(*least))
	case most != nil && figure > *most:
		return fmt.Sprintf("%s %s, more than %s", what, number(figure), number(*most))
	}
	return ""
}

// short keeps a message readable.
func short(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}
