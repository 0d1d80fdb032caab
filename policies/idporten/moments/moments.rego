# METADATA
# title: Moments of the calendar
# description: Instants are 24-character UTC texts whose order is the order of time (tilgang.grants).
package idporten.moments

import data.tilgang.grants

# METADATA
# title: The same moment so many months earlier
# description: |
#   A text whose order among instants is right also where that month has no such day: 31 August less 18 months is later than all of February.
#   Undefined for what is no instant.
months_before(instant, months) := sprintf("%04d-%02d%s", [floor(counted / 12), (counted % 12) + 1, substring(instant, 7, -1)]) if {
	grants.is_instant(instant)
	counted := ((to_number(substring(instant, 0, 4)) * 12) + _months[substring(instant, 5, 2)]) - months
}

_months := {
	"01": 0,
	"02": 1,
	"03": 2,
	"04": 3,
	"05": 4,
	"06": 5,
	"07": 6,
	"08": 7,
	"09": 8,
	"10": 9,
	"11": 10,
	"12": 11,
}
