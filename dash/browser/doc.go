// Package browser has no code: its tests open the page of package dash in a real browser.
//
// They need Chromium, and for the test of accessibility axe-core, which npm ci fetches in
// this folder. Screenshots are written to the folder that WHET_ARTIFACTS names, or else to
// one that is removed.
package browser
