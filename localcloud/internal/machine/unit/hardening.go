package unit

import "strings"

// hardening are the directives of [Service] that are accepted and have no
// effect here: those that only take rights, devices or kernel features away
// from a process, and those that say as whom, with which limits and under
// which name it runs, which the instance itself decides.
var hardening = words(`
	AmbientCapabilities CapabilityBoundingSet DevicePolicy DynamicUser Group
	IPAddressAllow IPAddressDeny KeyringMode LockPersonality
	MemoryDenyWriteExecute NoNewPrivileges PrivateDevices PrivateIPC
	PrivateMounts PrivateTmp PrivateUsers ProcSubset ProtectClock
	ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs
	ProtectKernelModules ProtectKernelTunables ProtectProc ProtectSystem
	ReadOnlyPaths ReadWritePaths InaccessiblePaths RemoveIPC
	RestrictAddressFamilies RestrictNamespaces RestrictRealtime
	RestrictSUIDSGID SecureBits SupplementaryGroups SystemCallArchitectures
	SystemCallErrorNumber SystemCallFilter UMask User
	LimitNOFILE LimitCORE OOMScoreAdjust SyslogIdentifier`)

// socketHardening are the directives of [Socket] without effect here: the
// sockets of an instance belong to its one user.
var socketHardening = words("NoDelay SocketMode SocketUser SocketGroup DirectoryMode ReusePort KeepAlive")

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}
