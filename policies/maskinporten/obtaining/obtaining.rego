# METADATA
# title: Whether a client may be given a scope at all
# description: |
#   What holds for each scope by itself, whoever it is for: a machine (maskinporten/token) or a person who has logged in (idporten/login). The provider's access
#   to the organisation is among it; no consent takes its place. It reads the parts that both inputs have in common: client, request, scopes, accesses,
#   delegations, onBehalfOf, organisations, context. Absent documents, and odd ones, are no access.
# schemas:
#   - input: schema["maskinporten-obtaining-input"]
package maskinporten.obtaining

import data.tilgang.grants

# METADATA
# title: The scope is registered on the client and in use
is_registered(name) if {
	name in input.client.scopes
	input.scopes[name].active == true
	_is_kept(input.scopes[name])
}

# The product's own are nobody's.
_is_kept(scope) if not "owner" in object.keys(scope)

_is_kept(scope) if goes_on(scope.owner)

# METADATA
# title: The organisation is told not to have ceased
goes_on(orgnr) if input.organisations[orgnr].closed == false

# METADATA
# title: The client is in use, and so is whoever it is of and kept by
is_active_client if {
	input.client.active == true
	every orgnr in _parties { goes_on(orgnr) }
}

_parties contains input.client.orgnr

_parties contains input.client.supplier

# METADATA
# title: Whom the client says that it acts for is registered on it and goes on
is_represented if goes_on(input.onBehalfOf.orgnr)

# METADATA
# title: The scope takes clients of this integration type
takes_type(scope) if scope.allowedIntegrationTypes == []

takes_type(scope) if input.client.integrationType in scope.allowedIntegrationTypes

# METADATA
# title: The scope cannot be had by acting for a consumer, since nobody keeps delegations of it
is_undelegable(scope) if {
	input.request.consumer
	not scope.delegationSource
}

# METADATA
# title: The scope is had on behalf of others by their delegation alone
is_only_delegated(scope) if {
	input.request.onBehalfOf
	scope.delegationSource
}

# METADATA
# title: All who must have access to the scope have it
is_granted(name) if {
	scope := input.scopes[name]
	every holder in _holders(scope) {
		goes_on(holder)
		_has_access(holder, name, scope)
	}
}

# On whose behalf a client says that it acts by iss_onbehalfof gives no scope: it is the client's organisation that must have it.
_holders(scope) := [input.client.orgnr, input.client.supplier] if {
	has_supplier
	not scope.delegationSource
} else := [object.get(input.request, "consumer", input.client.orgnr)]

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

# METADATA
# title: The consumer has let the supplier act with the scope, by the source that the scope names; or nobody supplies, or none is named
is_delegated(_) if not is_supplied

is_delegated(name) if {
	is_supplied
	not input.scopes[name].delegationSource
}

is_delegated(name) if {
	delegation := input.delegations[name]
	delegation.source == input.scopes[name].delegationSource
	not delegation.withdrawn
	_is_before_end(delegation)
}

# METADATA
# title: The client was made by another organisation for its own
has_supplier if input.client.supplier

# METADATA
# title: A supplier acts for a consumer that delegates
is_supplied if input.request.consumer

is_supplied if has_supplier

# METADATA
# title: For whom a token is
consumer := input.request.consumer if {
	input.request.consumer
} else := input.onBehalfOf.orgnr if {
	input.request.onBehalfOf
} else := input.client.orgnr

# METADATA
# title: Who acts for the consumer, if another
supplier := input.client.supplier if {
	has_supplier
} else := input.client.orgnr if {
	consumer != input.client.orgnr
} else := null

# METADATA
# title: The source of the delegations by which the supplier acts with these scopes, if there is one
delegation_source(names) := sort(_sources(names))[0] if {
	is_supplied
	count(_sources(names)) > 0
} else := null

_sources(names) := {source |
	some name in names
	source := input.scopes[name].delegationSource
}

# METADATA
# title: The audiences that these scopes are had for alone
enforced_audiences(names) := {audience |
	some name in names
	audience := input.scopes[name].enforcedAudience
}

# METADATA
# title: The scopes enforce audiences that fit neither each other nor what is asked for
is_audience_unfit(names) if count(enforced_audiences(names)) > 1

is_audience_unfit(names) if {
	count(enforced_audiences(names)) == 1
	some resource in input.request.resource
	not resource in enforced_audiences(names)
}

# METADATA
# title: For which audiences a token with these scopes is; none is empty
audience(names) := sort(enforced_audiences(names)) if {
	count(enforced_audiences(names)) > 0
} else := input.request.resource

# METADATA
# title: How many seconds a token with these scopes lasts
# description: The shortest that a scope sets, else what the client asks for; never over two hours.
lifetime(names) := min({7200, min(_greatest_ages(names))}) if {
	count(_greatest_ages(names)) > 0
} else := min({7200, input.client.accessTokenLifetime})

_greatest_ages(names) := {age |
	some name in names
	age := input.scopes[name].atMaxAge
	age > 0
}
