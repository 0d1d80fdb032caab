# METADATA
# title: Which scopes a client may be registered with
# description: |
#   Scopes that are new to it, each judged by itself (schemas/maskinporten-clients-input.json); what a client has already it keeps. A scope that
#   the organisation may not know of is told of by the same word as one that is not there.
# schemas:
#   - input: schema["maskinporten-clients-input"]
package maskinporten.clients

import data.tilgang.grants

# METADATA
# title: May the client be registered with all of them?
# description: A fault names the place of the scope in the input, and the most telling reason. Without an instant in context.time there is no answer.
# entrypoint: true
evaluate := {"allowed": count(_faults) == 0, "faults": _faults} if {
	is_array(input.scopes)
	grants.is_instant(input.context.time)
}

# In the order of the scopes.
_faults := [{"index": i, "reason": _reason(asked)} | some i, asked in input.scopes]

_reason(asked) := "scope_unknown" if {
	not _is_shown(asked)
} else := "scope_administers" if {
	not _is_for_all_ways(asked)
} else := "scope_inactive" if {
	not asked.scope.active == true
} else := "scope_of_other_type" if {
	not _takes_type(asked.scope)
} else := "scope_not_granted" if {
	not _is_obtainable(asked)
}

# By the simple way, whose scope is for fetching data, nobody makes oneself an administrator.
_is_for_all_ways(_) if input.simple == false

_is_for_all_ways(asked) if asked.scope.ofProduct == false

_is_shown(asked) if {
	is_object(asked.scope)
	asked.scope.visibility == "PUBLIC"
}

_is_shown(asked) if {
	is_object(asked.scope)
	asked.scope.owner == input.organisation
}

_is_shown(asked) if {
	is_object(asked.scope)
	_is_obtainable(asked)
}

# Empty: all of them.
_takes_type(scope) if count(scope.allowedIntegrationTypes) == 0

_takes_type(scope) if input.integrationType in scope.allowedIntegrationTypes

_is_obtainable(asked) if asked.scope.accessibleForAll == true

# A supplier has tokens with it by its customers' access, which is looked at when it asks for one.
_is_obtainable(asked) if is_string(asked.scope.delegationSource)

_is_obtainable(asked) if {
	asked.access.state == "APPROVED"
	grants.lasting(asked.access, input.context.time)
}
