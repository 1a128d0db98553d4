// Package fis writes drills as experiment templates of AWS Fault Injection Service, in
// the form of its CreateExperimentTemplate request.
//
// What only the account knows is left as a name to be filled in: ${role}, ${alarm},
// ${stack} and ${zone}. The alarm is the stop condition, without which a scenario of
// AWS itself would go on whatever it does. A template breaks things; it sends no load
// and judges nothing. Durations are whole minutes, the least that the service takes, so
// a fault of 30 s here lasts a minute there.
//
// Drills without an action of the service are in None, with the reason.
package fis
