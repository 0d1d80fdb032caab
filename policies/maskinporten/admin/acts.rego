# The table of docs/administration.md, "The Maskinporten side".
# Each act stands in one row; a row says by which scopes a machine may, and whether a person may.
package maskinporten.admin

# What everybody is told, without a token.
_row := "open" if {
	input.action.name in {
		"delegation-source.list",
		"organisation.look-up",
		"prefix.list-all",
		"scope.list-public",
	}
}

# Read own scopes, prefixes, and accesses, given and got.
_row := "reading" if {
	input.action.name in {
		"access.list",
		"access.list-given",
		"access.list-got",
		"prefix.list",
		"scope.list",
		"scope.read",
	}
}

# Make, change, deactivate scopes; grant and revoke accesses.
_row := "writing" if {
	input.action.name in {
		"access.grant",
		"access.revoke",
		"scope.change",
		"scope.create",
		"scope.deactivate",
	}
}

# Read delegations, given and got.
_row := "reading delegations" if input.action.name in {"delegation.list", "delegation.read"}

# Let a supplier act, and take it back.
_row := "delegating" if input.action.name in {"delegation.give", "delegation.withdraw"}

# Read whether the terms of use are signed, sign them.
_row := "terms" if input.action.name in {"terms.read", "terms.sign"}

# Read clients, their keys, and on whose behalf they act.
_row := "reading clients" if {
	input.action.name in {
		"client-key.list",
		"client.list",
		"client.read",
		"onbehalfof.list",
		"onbehalfof.read",
	}
}

# Make, change, deactivate clients.
_row := "keeping clients" if {
	input.action.name in {
		"client-secret.new",
		"client.change",
		"client.create",
		"client.deactivate",
	}
}

# Change the keys of clients.
_row := "keeping keys" if input.action.name in {"client-key.put", "client-key.remove", "client-key.replace"}

# Change on whose behalf clients act.
_row := "keeping onbehalfof" if input.action.name in {"onbehalfof.put", "onbehalfof.remove"}

# The simple way to clients for what one has got.
_row := "sharing data" if {
	input.action.name in {
		"datasharing.create-client",
		"datasharing.deactivate-client",
		"datasharing.list-accesses",
		"datasharing.list-clients",
	}
}

# Make a client for a system of the organisation's own, which the systembruker side registers with it; let it have more scopes.
_row := "own systems" if input.action.name in {"own-system.change-client", "own-system.create-client"}

# Hand out prefixes and take them back; the keys that tokens are signed with.
_row := "operating" if {
	input.action.name in {
		"issuer.list",
		"issuer.rotate",
		"prefix.hand-out",
		"prefix.withdraw",
	}
}

# What a machine needs: one of them.
_scopes := {
	"reading": {"idporten:scopes.read", "idporten:scopes.write"},
	"writing": {"idporten:scopes.write"},
	"reading delegations": {"maskinporten:delegations.read", "maskinporten:delegations.write"},
	"delegating": {"maskinporten:delegations.write"},
	"terms": _every_scope,
	"reading clients": {"idporten:dcr.read"},
	"keeping clients": {"idporten:dcr.write"},
	"keeping keys": {"idporten:dcr.modify", "idporten:dcr.write"},
	"keeping onbehalfof": {
		"idporten:dcr.modify",
		"idporten:dcr.write",
		"idporten:dcr/onbehalfof.write",
		"idporten:dcr/onbehalfof:write",
	},
	"sharing data": {"idporten:dcr.datasharing"},
}

_every_scope := {
	"idporten:dcr.datasharing",
	"idporten:dcr.modify",
	"idporten:dcr.read",
	"idporten:dcr.supplier",
	"idporten:dcr.write",
	"idporten:dcr/onbehalfof.write",
	"idporten:dcr/onbehalfof:write",
	"idporten:scopes.read",
	"idporten:scopes.write",
	"maskinporten:delegations.read",
	"maskinporten:delegations.write",
}

# What persons may; scopes and clients are kept by machines, but for a client of an own system.
_for_persons := {"reading", "reading delegations", "delegating", "terms", "reading clients", "own systems"}

# In which role.
_roles := {"organisasjonsadministrator", "tilgangsstyrer"} if {
	_row == "own systems"
} else := {"organisasjonsadministrator"}

# What changes nothing: an organisation that has ceased is still told what it has.
_changes_nothing := {"reading", "reading delegations", "reading clients"}
