# Which of several reasons is told.
# First what depends on the caller alone, then what must not be told apart, then the act. One that stands nowhere here comes last.
package tilgang.admin

_by_precedence(slugs) := [] if {
	count(slugs) == 0
} else := array.concat(
	[slug | some slug in _precedence; slug in slugs],
	sort(slugs - {slug | some slug in _precedence}),
)

_precedence := [
	"caller_unknown",
	"security_level_too_low",
	"scope_missing",
	"operator_needed",
	"person_needed",
	"organisation_unknown",
	"organisation_foreign",
	"successor_unknown",
	"application_unknown",
	"application_foreign",
	"role_missing",
	"successor_unfit",
	"organisation_closed",
	"organisation_not_konsument",
	"organisation_not_tilbyder",
	"person_not_synthetic",
	"last_administrator",
	"nothing_pending",
	"asker_gone",
	"second_person_needed",
	"not_one_of_two",
	"second_person_missing",
	"admin_role_unknown",
	"transition_not_allowed",
	"application_retired",
	"application_not_active",
	"application_not_activated",
	"application_outside",
	"roles_outside",
	"longer_than_own",
	"longer_than_allowed",
	"self_grant",
	"role_unknown",
]
