// Package shell is what the commands of whet share: their streams and flags, their exit
// codes, their failures with what to do about them, and the progress that they tell.
package shell
