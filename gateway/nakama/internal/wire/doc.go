// Package wire turns the realtime envelopes of the Nakama protocol into what the gateway works with, and back, in both
// formats a client may choose: JSON and protobuf.
//
//	var in wire.Inbound // one per session, used again and again
//	err := wire.Decode(wire.JSON, payload, &in)
//	switch in.Kind { … }
//
//	b = wire.AppendMatchData(wire.JSON, b, id, sender, op, data, true)
//
// Nearly all traffic is match data, so that, heartbeats and the small replies are read and written by hand, without
// allocating. All else goes through protojson and proto. The hand-written decoders read only the plain forms that
// clients really send; at anything else they give up, and the library decides. So what is accepted, and what it
// means, is always what the library says; the fuzz tests hold the two against each other.
package wire
