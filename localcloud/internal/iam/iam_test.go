package iam_test

import (
	"strings"
	"testing"

	"orchard/localcloud/internal/iam"
)

const role = "arn:aws:iam::123456789012:role/app"

func parse(t *testing.T, name, document string) iam.Document {
	t.Helper()
	d, err := iam.Parse(name, document)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	read := parse(t, "read", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":["arn:aws:s3:::releases/*"]}}`)
	onlyTLS := parse(t, "bucket", `{"Version":"2012-10-17","Statement":[{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3:*",
		"Resource":["arn:aws:s3:::releases","arn:aws:s3:::releases/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`)
	notSecrets := parse(t, "not", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["secretsmanager:*"],"NotResource":"arn:aws:s3:::private/*"}]}`)
	others := parse(t, "others", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:role/other"]},"Action":"*","Resource":"*"}]}`)
	account := parse(t, "account", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"*","Resource":"*"}]}`)
	tagged := parse(t, "tagged", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:?un","Resource":"*","Condition":{"StringLike":{"AWS:requesttag/Name":["a*","b"]},"StringNotEquals":{"aws:region":"x"}}}]}`)
	trust := parse(t, "trust", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],"Principal":{"Service":"ec2.amazonaws.com"}}]}`)
	assume := iam.Request{Principal: "ec2.amazonaws.com", Action: "sts:AssumeRole", Resource: role}
	object := iam.Request{Principal: role, Action: "s3:GetObject", Resource: "arn:aws:s3:::releases/a/b"}
	for name, c := range map[string]struct {
		documents []iam.Document
		request   iam.Request
		want      bool
		why       string
	}{
		"allowed":              {[]iam.Document{read}, object, true, "by policy read"},
		"no policy":            {nil, object, false, "no policy of it allows"},
		"other action":         {[]iam.Document{read}, iam.Request{Principal: role, Action: "s3:PutObject", Resource: object.Resource}, false, "s3:PutObject"},
		"action in other case": {[]iam.Document{read}, iam.Request{Principal: role, Action: "S3:getobject", Resource: object.Resource}, true, ""},
		"other resource":       {[]iam.Document{read}, iam.Request{Principal: role, Action: "s3:GetObject", Resource: "arn:aws:s3:::other/a"}, false, "arn:aws:s3:::other/a"},
		"the bucket itself":    {[]iam.Document{read}, iam.Request{Principal: role, Action: "s3:GetObject", Resource: "arn:aws:s3:::releases"}, false, ""},
		"denied without TLS":   {[]iam.Document{read, onlyTLS}, with(object, "aws:SecureTransport", "false"), false, "explicit deny in policy bucket (TLS)"},
		"with TLS":             {[]iam.Document{onlyTLS, read}, with(object, "aws:SecureTransport", "true"), true, ""},
		"transport not known":  {[]iam.Document{onlyTLS, read}, object, true, ""},
		"not-action":           {[]iam.Document{notSecrets}, object, true, ""},
		"not-action excluded":  {[]iam.Document{notSecrets}, iam.Request{Principal: role, Action: "secretsmanager:GetSecretValue", Resource: "x"}, false, ""},
		"not-resource":         {[]iam.Document{notSecrets}, iam.Request{Principal: role, Action: "s3:GetObject", Resource: "arn:aws:s3:::private/x"}, false, ""},
		"another's principal":  {[]iam.Document{others}, object, false, ""},
		"account as principal": {[]iam.Document{account}, object, true, ""},
		"trusted service":      {[]iam.Document{trust}, assume, true, ""},
		"another service":      {[]iam.Document{trust}, iam.Request{Principal: "ecs.amazonaws.com", Action: assume.Action, Resource: role}, false, ""},
		"condition holds":      {[]iam.Document{tagged}, with(iam.Request{Principal: role, Action: "ec2:Run", Resource: "x"}, "aws:RequestTag/Name", "abc"), true, ""},
		"condition fails":      {[]iam.Document{tagged}, with(iam.Request{Principal: role, Action: "ec2:Run", Resource: "x"}, "aws:RequestTag/Name", "c"), false, ""},
		"condition key absent": {[]iam.Document{tagged}, iam.Request{Principal: role, Action: "ec2:Run", Resource: "x"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, why := iam.Evaluate(c.documents, c.request)
			if got != c.want || !strings.Contains(why, c.why) {
				t.Errorf("got %t, %q; want %t with %q", got, why, c.want, c.why)
			}
			for _, part := range []string{c.request.Principal, c.request.Action, c.request.Resource} {
				if !strings.Contains(why, part) {
					t.Errorf("%q does not name %q", why, part)
				}
			}
		})
	}
}

func with(r iam.Request, key, value string) iam.Request {
	r.Context = map[string]string{key: value}
	return r
}

func TestWildcards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true},
		{"a*c*e", "abcde", true},
		{"a*c*e", "abcd", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"*ab", "aab", true},
		{"a**", "a", true},
		{strings.Repeat("*a", 40) + "b", strings.Repeat("a", 4000), false},
	} {
		d := parse(t, "p", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"`+c.pattern+`"}]}`)
		if got, _ := iam.Evaluate([]iam.Document{d}, iam.Request{Action: "a:b", Resource: c.text}); got != c.want {
			t.Errorf("%.20q matches %.20q: got %t, want %t", c.pattern, c.text, got, c.want)
		}
	}
}

func TestParseRefusesByName(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2020"}}}]}`: "DateLessThan",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Permit","Action":"*","Resource":"*"}]}`:                                                        "Permit",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}"}]}`:                              "${aws:username}",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotPrincipal":"*","Action":"*","Resource":"*"}]}`:                                      "NotPrincipal",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}`:                                                                      "Action",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}`:                                                                        "Resource",
		`{"Version":"2020","Statement":[]}`:        "2020",
		`{"Version":"2012-10-17","Statements":[]}`: "Statements",
		`nonsense`: "policy p",
	} {
		if _, err := iam.Parse("p", document); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse %s: got %v, want an error that names %q", document, err, want)
		}
	}
}
