// Package ws is a driver of package store for venues behind a WebSocket that speak JSON, and a
// server that makes such a venue of any other: the emulator that it is tested with.
//
//	import _ "github.com/whetgo/whet/store/ws"
//
//	p, err := store.Parse("ws://DU1@venue.example:8443/feed?tls=require")
//	s, err := store.Open(ctx, p, store.WithSecret("token", token))
//
// Params.Addr is host:port/path, and Params.Account the account that is traded. With tls=require in
// Params.Extra the connection is encrypted. The secret "token" is sent as a bearer token; that it is refused is final.
//
// # Protocol
//
// The client sends objects with an "id" and an "op"; the answer has the same id, and "code" and "text" if it is an error
// (the codes are those of package wire):
//
//	{"id":1,"op":"history","query":{"Symbol":"ES","Interval":60000000000,"From":0,"To":1}}
//	{"id":2,"op":"subscribe","subs":[{"Symbol":"ES","Kind":0,"Interval":0}]}    answered with "feeds":[1]
//	{"id":3,"op":"unsubscribe","subs":[...]}
//	{"id":4,"op":"submit","account":"DU1","order":{...}}
//	{"id":5,"op":"cancel","account":"DU1","cancel":"c1"}
//	{"id":6,"op":"account","account":"DU1"}
//	{"id":7,"op":"replay","account":"DU1","after":12}    answered with "events":[...]
//	{"id":8,"op":"listen","account":"DU1"}    from now on its order events come
//	{"id":9,"op":"ping"}
//
// Answers to history and replay hold a page; "more" says that there are others, which the client asks
// for. The venue sends by itself
//
//	{"rows":[[time,seq,bid,ask,last,size],...],"feed":1}
//	{"rows":[[time,open,high,low,close,volume],...],"feed":2}
//	{"event":{...}}
//
// Rows come first in an object, and have six numbers each: times in nanoseconds, and prices and
// quantities in steps of 1e-8, are whole numbers of up to 63 bits; only a volume may have a point.
package ws
