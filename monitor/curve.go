package monitor

import (
	"math"
	"reflect"
)

// A Curve says what hit ratio a cache of another capacity would have.
type Curve struct {
	Capacity   int     // of the cache
	Measured   float64 // its own hit ratio for the traffic that the curve is made of, in [0,1]
	References uint64  // that the curve is made of
	// Points are the hit ratio at capacities that rise by a constant factor, from an eighth
	// of the cache's own up to as far as is known, four times as much at most. The
	// capacity itself is among them.
	Points []CurvePoint
}

// A CurvePoint is the hit ratio, in [0,1], at one capacity.
type CurvePoint struct {
	Capacity int
	HitRatio float64
}

// At returns the hit ratio at the point of that capacity, and whether there is one.
func (c *Curve) At(capacity int) (ratio float64, ok bool) {
	for _, p := range c.Points {
		if p.Capacity == capacity {
			return p.HitRatio, true
		}
	}
	return 0, false
}

// hitRatios is what a cache's curve must tell.
type hitRatios interface{ HitRatio(capacity int) float64 }

// curveOf returns how to read the curve of x, nil if it has none.
func curveOf(x any) func() *Curve {
	method := reflect.ValueOf(x).MethodByName("Curve")
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 ||
		!method.Type().Out(0).Implements(reflect.TypeFor[hitRatios]()) || method.Type().Out(0).Kind() != reflect.Struct {
		return nil
	}
	capacity, ok := x.(interface{ Cap() int })
	if !ok {
		return nil
	}
	return func() *Curve { return readCurve(method.Call(nil)[0], capacity.Cap()) }
}

const stepsAnOctave = 4

// readCurve returns the points of a curve around a capacity; nil if it knows nothing yet.
func readCurve(v reflect.Value, capacity int) *Curve {
	ratios := v.Interface().(hitRatios)
	c := &Curve{Capacity: capacity, Measured: numberIn(v, "Measured"), References: uint64(numberIn(v, "References"))}
	if c.References == 0 {
		return nil
	}
	reach := numberIn(v, "Reach")
	for step := -3 * stepsAnOctave; step <= 2*stepsAnOctave; step++ {
		n := int(math.Round(float64(capacity) * math.Exp2(float64(step)/stepsAnOctave)))
		if n < 1 || len(c.Points) > 0 && c.Points[len(c.Points)-1].Capacity == n {
			continue
		}
		if reach > 0 && float64(n) > reach {
			break
		}
		c.Points = append(c.Points, CurvePoint{n, ratios.HitRatio(n)})
	}
	return c
}

// numberIn returns the number in a field of a struct, 0 if there is none.
func numberIn(v reflect.Value, name string) float64 {
	f := v.FieldByName(name)
	if !f.IsValid() {
		return 0
	}
	if read := reader(f.Type()); read != nil {
		return read(f)
	}
	return 0
}
