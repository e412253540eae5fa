package main

import (
	"bytes"
	"os"
	"testing"
)

func TestFresh(t *testing.T) {
	want, err := source()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../loops_gen.go")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("loops_gen.go is not what the table of peers gives: go generate ./peers (%v)", err)
	}
}
