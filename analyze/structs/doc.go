// Package structs knows how structs lie in memory and how they could: what a profile's
// objects of each type cost in padding, what in the source depends on the order of a type's
// fields, and how to write them in a better one.
package structs
