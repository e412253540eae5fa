package monitor

import "fmt"

func checkCreatedAgain(v *View) (all []Advice) { return nil }
func checkCreatedLate(v *View) (all []Advice)  { return nil }

var _ = fmt.Sprint
