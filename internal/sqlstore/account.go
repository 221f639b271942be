package sqlstore

import "github.com/shoal-go/shoal/auth"

// Account is an account as it is read: of one row for each of its identities, or of one row if it has none.
type Account struct {
	auth.Account
	Identities []auth.Identity
}

// Row makes the account of one row. The identity has no kind where the row has none.
func Row(a auth.Account, i auth.Identity) Account {
	if i.Kind == "" {
		return Account{Account: a}
	}
	return Account{Account: a, Identities: []auth.Identity{i}}
}

// Join makes one account of the rows of each, which stand together, in the order of its identities.
func Join(rows []Account) []Account {
	var all []Account
	for _, row := range rows {
		if last := len(all) - 1; last >= 0 && all[last].ID == row.ID {
			all[last].Identities = append(all[last].Identities, row.Identities...)
		} else {
			all = append(all, row)
		}
	}
	for i := range all {
		all[i].SetIdentities(all[i].Identities...)
	}
	return all
}

// Secret returns the secret of an identity, nil if the account has no such identity.
func (a *Account) Secret(kind auth.Kind, id string) []byte {
	for _, i := range a.Identities {
		if i.Kind == kind && i.ID == id {
			return i.Secret
		}
	}
	return nil
}
