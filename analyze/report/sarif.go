package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
)

// SARIF writes the run as a SARIF 2.1.0 log [1], for code scanning. Files are relative
// to root, the checkout's folder. With a baseline, findings say whether they are new.
//
// [1] OASIS (2020). Static Analysis Results Interchange Format Version 2.1.0.
func SARIF(w io.Writer, run *archive.Run, root string, o Options) error {
	r := sarifRun{
		Tool:      sarifTool{sarifDriver{Name: "whet", InformationURI: "https://github.com/whetgo/whet"}},
		URIBases:  map[string]sarifArtifact{srcRoot: {URI: fileURI(root) + "/"}},
		ColumnsIn: "unicodeCodePoints",
		Results:   []sarifResult{},
		Invocations: []sarifInvocation{{
			Successful:    !run.Interrupted,
			Start:         run.Started.Format("2006-01-02T15:04:05Z"),
			Notifications: notifications(run.Warnings),
		}},
	}
	for i := range run.Findings {
		r.add(&run.Findings[i], run.Subject.Dir, root, o.Known)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{r},
	})
}

const srcRoot = "SRCROOT"

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool                `json:"tool"`
	Invocations []sarifInvocation        `json:"invocations"`
	URIBases    map[string]sarifArtifact `json:"originalUriBaseIds"`
	ColumnsIn   string                   `json:"columnKind"`
	Results     []sarifResult            `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules,omitempty"`
}

type sarifRule struct {
	ID         string          `json:"id"`
	Short      sarifText       `json:"shortDescription"`
	Properties sarifProperties `json:"properties"`
}

type sarifProperties struct {
	Tags       []string `json:"tags,omitempty"`
	Precision  string   `json:"precision,omitempty"`
	Confidence string   `json:"confidence,omitempty"`
	Gain       string   `json:"gain,omitempty"`
	Workload   string   `json:"workload,omitempty"`
	Evidence   []string `json:"evidence,omitempty"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Related      []sarifLocation   `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Baseline     string            `json:"baselineState,omitempty"`
	Properties   sarifProperties   `json:"properties"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI    string `json:"uri"`
	BaseID string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind,omitempty"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Start         string              `json:"startTimeUtc"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

func notifications(ws []analyze.Warning) []sarifNotification {
	var ns []sarifNotification
	for _, w := range ws {
		ns = append(ns, sarifNotification{"warning", sarifText{warning(w)}})
	}
	return ns
}

func (r *sarifRun) add(f *analyze.Finding, dir, root string, known map[string]bool) {
	at := f.Where()
	result := sarifResult{
		RuleID:       f.Rule,
		RuleIndex:    r.rule(f),
		Level:        "warning",
		Message:      sarifText{said(f) + " It would gain " + gain(f.Gain) + "."},
		Locations:    []sarifLocation{},
		Fingerprints: map[string]string{"whet/v1": f.Fingerprint},
		Properties:   sarifProperties{Confidence: string(f.Confidence.Level), Gain: gain(f.Gain), Workload: f.Gain.Workload},
	}
	if f.Confidence.Level == analyze.Static {
		result.Level = "note"
	}
	if known != nil {
		result.Baseline = "new"
		if known[f.Fingerprint] {
			result.Baseline = "unchanged"
		}
	}
	for _, e := range f.Evidence {
		result.Properties.Evidence = append(result.Properties.Evidence, quantity(e.Value, e.Unit)+" "+e.Metric+" ("+e.Source+")")
	}
	if at.File != "" {
		result.Locations = append(result.Locations, location(at, dir, root))
	}
	for _, l := range f.Locations {
		if l != at && l.File != "" {
			result.Related = append(result.Related, location(l, dir, root))
		}
	}
	r.Results = append(r.Results, result)
}

// rule returns the index of the finding's rule, which it adds if it is the first.
func (r *sarifRun) rule(f *analyze.Finding) int {
	rules := &r.Tool.Driver.Rules
	if i := slices.IndexFunc(*rules, func(o sarifRule) bool { return o.ID == f.Rule }); i >= 0 {
		return i
	}
	_, name, _ := strings.Cut(f.Rule, "/")
	*rules = append(*rules, sarifRule{
		ID:         f.Rule,
		Short:      sarifText{"Performance, " + f.Category + ": " + strings.ReplaceAll(name, "-", " ")},
		Properties: sarifProperties{Tags: []string{"performance", f.Category}, Precision: precision(f.Confidence.Level)},
	})
	return len(*rules) - 1
}

// precision returns a level in the words of code scanning.
func precision(l analyze.Level) string {
	switch l {
	case analyze.Verified:
		return "very-high"
	case analyze.Observed:
		return "high"
	case analyze.Profiled:
		return "medium"
	}
	return "low"
}

func location(l analyze.Location, dir, root string) sarifLocation {
	var at sarifLocation
	if rel, ok := fromRoot(root, dir, l.File); ok {
		at.Physical.Artifact = sarifArtifact{URI: (&url.URL{Path: rel}).EscapedPath(), BaseID: srcRoot}
	} else {
		name := filepath.FromSlash(l.File)
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		at.Physical.Artifact = sarifArtifact{URI: fileURI(name)}
	}
	if l.Line > 0 {
		at.Physical.Region = &sarifRegion{l.Line}
	}
	if l.Func != "" {
		kind := "function"
		if word, _, ok := strings.Cut(l.Func, " "); ok {
			kind = map[string]string{"type": "type", "var": "variable"}[word]
		}
		at.Logical = []sarifLogical{{l.Func, kind}}
	}
	at.Message = &sarifText{noteOf(l)}
	return at
}

func fileURI(name string) string {
	path := filepath.ToSlash(name)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive of Windows
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
