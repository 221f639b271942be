package sqlite

import (
	"database/sql"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// A page costs what is on the page, however much is stored: no query sorts, and each uses the index made for it.
func TestListsUseTheirIndexes(t *testing.T) {
	s, parameter := openTemp(t, Config{}), regexp.MustCompile(`\?[0-9]*`)
	order := func(rest string) string { return "COVERING INDEX records_order (board=? AND period=?" + rest + ")" }
	const after, before = " AND (score,subscore,owner)>(?,?,?)", " AND (score,subscore,owner)<(?,?,?)"
	for query, index := range map[string]string{
		selectStandings + inPeriod + afterStanding + ascending:                 order(after),
		selectCount + inPeriod:                                                 order(""),
		selectCount + inPeriod + afterStanding + beforeStanding:                order(after + before),
		selectRecords + inPeriod + descending:                                  "INDEX records_order (board=? AND period=?)",
		selectRecords + inPeriod + afterStanding + beforeStanding + descending: "INDEX records_order (board=? AND period=?" + after + before + ")",
		selectPeriods:         "INDEX records_order (board=?)",
		listOwned:             "objects_owner (owner=? AND collection=? AND key>?)",
		listPublic:            "objects_public (collection=? AND (key,owner)>(?,?))",
		listAll:               "sqlite_autoindex_objects_1 (collection=? AND (key,owner)>(?,?))",
		deleteObjectsOf:       "objects_owner (owner=?)",
		listNotifications:     "notifications_user (user_id=? AND seq>?)",
		deleteNotificationsOf: "notifications_user (user_id=?)",
		pageSnapshots:         "sqlite_autoindex_snapshots_1 (id>?)",
		sweepRotations:        "rotations_until (until_ms<?)",
	} {
		var plan string
		require.NoError(t, s.read.transact(t.Context(), func(c *conn) error {
			return c.query(func(rows *sql.Rows) error {
				var id, parent, unused int
				var detail string
				err := rows.Scan(&id, &parent, &unused, &detail)
				plan += detail + "\n"
				return err
			}, "EXPLAIN QUERY PLAN "+parameter.ReplaceAllString(query, "'x'"))
		}))
		require.Contains(t, plan, index, query)
		require.NotContains(t, plan, "TEMP B-TREE", query)
	}
}
