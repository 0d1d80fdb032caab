# METADATA
# title: Whether a client may have a token with the scopes that it asks for
# description: |
#   One question over one input document (schemas/maskinporten-token-input.json), asked once who the client is has been proven. Faults come in steps, each
#   alone, and are named as docs/maskinporten.md names them; at is the place of the scope among those that are asked for. Absent documents,
#   and odd ones, are no access.
# schemas:
#   - input: schema["maskinporten-token-input"]
package maskinporten.token

import data.tilgang.grants

# METADATA
# title: What may be issued?
# description: |
#   faults is empty, or those of the first step that has any. grant says for whom the token is, for how many seconds, and for which audiences: none is
#   empty. Without an instant in context.time there is no answer.
# entrypoint: true
evaluate := {"faults": [], "grant": {
	"consumer": _consumer,
	"supplier": _supplier,
	"delegationSource": _delegation_source,
	"lifetime": _lifetime,
	"audience": _audience,
}} if {
	_answerable
	count(_faults) == 0
} else := {"faults": _faults, "grant": null} if {
	_answerable
}

_answerable if {
	grants.is_instant(input.context.time)
	is_array(input.request.scopes)
	count(input.request.scopes) > 0
}

_faults := _client_faults if {
	count(_client_faults) > 0
} else := _registration_faults if {
	count(_registration_faults) > 0
} else := _type_faults if {
	count(_type_faults) > 0
} else := _form_faults if {
	count(_form_faults) > 0
} else := _access_faults if {
	count(_access_faults) > 0
} else := _delegation_faults if {
	count(_delegation_faults) > 0
} else := _audience_faults

# The client, and on whose behalf it says that it acts.

_client_faults := [{"name": "MP-100"}] if {
	not _is_active_client
} else := [{"name": "grant-type-not-registered"}] if {
	not "urn:ietf:params:oauth:grant-type:jwt-bearer" in input.client.grantTypes
} else := [{"name": "consumer-not-combinable"}] if {
	_combines_what_excludes_each_other
} else := [{"name": "onbehalfof-unknown"}] if {
	input.request.onBehalfOf
	not _represented_goes_on
} else := []

_represented_goes_on if _goes_on(input.onBehalfOf.orgnr)

# One of an organisation that has ceased, or that such a one keeps, is out of use with it.
_is_active_client if {
	input.client.active == true
	every orgnr in _parties { _goes_on(orgnr) }
}

_parties contains input.client.orgnr

_parties contains input.client.supplier

# Only what is told not to have ceased goes on.
_goes_on(orgnr) if input.organisations[orgnr].closed == false

_combines_what_excludes_each_other if input.request.consumer == input.client.orgnr

# A client that was made for a customer acts for that one alone.
_combines_what_excludes_each_other if {
	_has_supplier
	input.request.consumer
}

_combines_what_excludes_each_other if {
	_has_supplier
	input.request.onBehalfOf
}

_has_supplier if input.client.supplier

# The scopes: registered on the client, in use, for clients of its type.

_registration_faults := [{"name": "MP-200", "at": at} |
	some at, name in input.request.scopes
	not _is_registered(name)
]

_is_registered(name) if {
	name in input.client.scopes
	input.scopes[name].active == true
	_is_kept(input.scopes[name])
}

# The product's own are nobody's.
_is_kept(scope) if not "owner" in object.keys(scope)

_is_kept(scope) if _goes_on(scope.owner)

_type_faults := [{"name": "MP-201", "at": at} |
	some at, name in input.request.scopes
	not _takes_client(input.scopes[name])
]

# A scope that a person has to log in for is never given to a machine alone.
_takes_client(scope) if {
	scope.requiresUserConsent == false
	scope.requiresUserAuthentication == false
	_takes_type(scope.allowedIntegrationTypes)
}

_takes_type(types) if types == []

_takes_type(types) if input.client.integrationType in types

# By which form of acting for others a scope can be had.

_form_faults := [fault |
	some at, name in input.request.scopes
	some fault in _form_faults_of(at, input.scopes[name])
]

_form_faults_of(at, scope) := [{"name": "scope-not-delegable", "at": at}] if {
	input.request.consumer
	not scope.delegationSource
} else := [{"name": "scope-only-delegated", "at": at}] if {
	input.request.onBehalfOf
	scope.delegationSource
} else := []

# Access: of the consumer, and of the supplier where nothing else binds it.

_access_faults := [{"name": "MP-250", "at": at} |
	some at, name in input.request.scopes
	scope := input.scopes[name]
	some holder in _holders(scope)
	not _may_have(holder, name, scope)
]

# On whose behalf a client says that it acts by iss_onbehalfof gives no scope: it is the client's organisation that must have it.
_holders(scope) := [input.client.orgnr, input.client.supplier] if {
	_has_supplier
	not scope.delegationSource
} else := [object.get(input.request, "consumer", input.client.orgnr)]

_may_have(holder, name, scope) if {
	_goes_on(holder)
	_has_access(holder, name, scope)
}

_has_access(_, _, scope) if scope.accessibleForAll == true

_has_access(holder, name, _) if {
	access := input.accesses[holder][name]
	access.state == "APPROVED"
	_is_before_end(access)
}

_is_before_end(document) if not "until" in object.keys(document)

_is_before_end(document) if {
	grants.is_instant(document.until)
	input.context.time < document.until
}

# Delegation: the consumer has let the supplier act with the scope, by the source that the scope names.

_delegation_faults := [{"name": "MP-251", "at": at, "consumer": _consumer, "supplier": _supplier} |
	_is_supplied
	some at, name in input.request.scopes
	source := input.scopes[name].delegationSource
	not _is_delegated(name, source)
]

_is_supplied if input.request.consumer

_is_supplied if _has_supplier

_is_delegated(name, source) if {
	delegation := input.delegations[name]
	delegation.source == source
	not delegation.withdrawn
	_is_before_end(delegation)
}

# For whom.

_consumer := input.request.consumer if {
	input.request.consumer
} else := input.onBehalfOf.orgnr if {
	input.request.onBehalfOf
} else := input.client.orgnr

_supplier := input.client.supplier if {
	_has_supplier
} else := input.client.orgnr if {
	_consumer != input.client.orgnr
} else := null

_delegation_source := sort(_sources)[0] if {
	_is_supplied
	count(_sources) > 0
} else := null

_sources contains source if {
	some name in input.request.scopes
	source := input.scopes[name].delegationSource
}

# What for: scopes that enforce an audience are had for that alone.

_audience_faults := [{"name": "audience-not-allowed"}] if {
	count(_enforced) > 1
} else := [{"name": "audience-not-allowed"}] if {
	count(_enforced) == 1
	some resource in input.request.resource
	not resource in _enforced
} else := []

_enforced contains audience if {
	some name in input.request.scopes
	audience := input.scopes[name].enforcedAudience
}

_audience := sort(_enforced) if {
	count(_enforced) > 0
} else := input.request.resource

# For how long: the shortest that a scope sets, else what the client asks for; never over two hours.

_lifetime := min({7200, min(_greatest_ages)}) if {
	count(_greatest_ages) > 0
} else := min({7200, input.client.accessTokenLifetime})

_greatest_ages contains age if {
	some name in input.request.scopes
	age := input.scopes[name].atMaxAge
	age > 0
}
