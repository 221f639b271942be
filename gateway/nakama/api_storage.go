package nakama

import (
	"errors"

	"github.com/google/uuid"
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/storage"
)

// maxObjects is the largest page that clients may ask for.
const maxObjects = 100

// deleteRefused is all that a client learns of an object that it may not delete.
const deleteRefused = "Storage delete rejected - not found, version check failed, or permission denied."

func (a *httpAPI) readObjects(c *call, in *api.ReadStorageObjectsRequest) (proto.Message, error) {
	if a.c.Objects == nil {
		return nil, notServed("Storage objects")
	}
	ids := make([]storage.ID, len(in.ObjectIds))
	for i, id := range in.ObjectIds {
		owner, err := userID(id.UserId)
		if err != nil || owner == uuid.Nil.String() {
			return nil, errUserID
		}
		ids[i] = storage.ID{Collection: id.Collection, Key: id.Key, Owner: owner}
	}
	found, err := a.c.Objects.Fetch(c.Context(), c.who.User, ids)
	if err != nil {
		return nil, objectError(err, "Error reading storage objects.")
	}
	return &api.StorageObjects{Objects: objectMessages(found)}, nil
}

// errUserID answers what is no id of a user.
var errUserID = &Error{InvalidArgument, "Invalid user ID - make sure user ID is a valid UUID."}

// userID returns an id as it is stored; none stays "".
func userID(id string) (string, error) {
	if id == "" {
		return "", nil
	}
	parsed, err := uuid.Parse(id)
	if err != nil {
		return "", errUserID
	}
	return parsed.String(), nil
}

func (a *httpAPI) writeObjects(c *call, in *api.WriteStorageObjectsRequest) (proto.Message, error) {
	if a.c.Objects == nil {
		return nil, notServed("Storage objects")
	}
	puts := make([]storage.Put, len(in.Objects))
	for i, o := range in.Objects {
		puts[i] = storage.Put{
			ID:    storage.ID{Collection: o.Collection, Key: o.Key},
			Value: o.Value, Version: o.Version,
			Readers: permission(o.PermissionRead), Writers: permission(o.PermissionWrite),
		}
	}
	written, err := a.c.Objects.Submit(c.Context(), c.who.User, puts)
	if err != nil {
		return nil, objectError(err, "Error writing storage objects.")
	}
	out := &api.StorageObjectAcks{Acks: make([]*api.StorageObjectAck, len(written))}
	for i, o := range written {
		out.Acks[i] = &api.StorageObjectAck{
			Collection: o.Collection, Key: o.Key, Version: o.Version, UserId: ownerID(o.Owner),
			CreateTime: timestamppb.New(o.Created), UpdateTime: timestamppb.New(o.Updated), // with microseconds, only here
		}
	}
	return out, nil
}

// permission is what a client gives; without one it is the owner's.
func permission(v *wrapperspb.Int32Value) storage.Access {
	if v == nil {
		return storage.Owner
	}
	return storage.Access(v.Value)
}

func (a *httpAPI) deleteObjects(c *call, in *api.DeleteStorageObjectsRequest) (proto.Message, error) {
	if a.c.Objects == nil {
		return nil, notServed("Storage objects")
	}
	removals := make([]storage.Removal, len(in.ObjectIds))
	for i, id := range in.ObjectIds {
		removals[i] = storage.Removal{ID: storage.ID{Collection: id.Collection, Key: id.Key}, Version: id.Version}
	}
	err := a.c.Objects.Withdraw(c.Context(), c.who.User, removals)
	switch {
	case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrVersion), errors.Is(err, storage.ErrProtected):
		return nil, &Error{InvalidArgument, deleteRefused}
	case err != nil:
		return nil, objectError(err, "Error deleting storage objects.")
	}
	return empty, nil
}

// listObjects lists a collection: of a user, who is in the path or the query, or what everybody may read.
func (a *httpAPI) listObjects(c *call) (proto.Message, error) {
	if a.c.Objects == nil {
		return nil, notServed("Storage objects")
	}
	q := c.params()
	user, limit, cursor := or(q.text("user_id"), ""), or(q.number("limit"), 1), or(q.text("cursor"), "")
	if q.err != nil {
		return nil, q.err
	}
	if inPath := c.PathValue("user"); inPath != "" {
		user = inPath
	}
	if limit < 1 || limit > maxObjects {
		return nil, &Error{InvalidArgument, "Invalid limit - limit must be between 1 and 100."}
	}
	ask := storage.ListRequest{Collection: c.PathValue("collection"), Limit: limit, Cursor: cursor}
	if user != "" {
		owner, err := userID(user)
		if err != nil {
			return nil, err
		}
		ask.Owner = &owner
	}
	page, err := a.c.Objects.Browse(c.Context(), c.who.User, ask)
	if err != nil {
		return nil, objectError(err, "Error listing storage objects.")
	}
	return &api.StorageObjectList{Objects: objectMessages(page.Objects), Cursor: page.Next}, nil
}

// objectErrors are the errors of package storage that a client can cause.
var objectErrors = []struct {
	err  error
	told Error
}{
	{storage.ErrMissing, Error{InvalidArgument, "Invalid collection or key value supplied. They must be set."}},
	{storage.ErrName, Error{InvalidArgument, "Invalid collection or key value supplied. They must be 1-128 characters."}},
	{storage.ErrValue, Error{InvalidArgument, "Value must be a JSON object."}},
	{storage.ErrReaders, Error{InvalidArgument, "Invalid Read permission supplied. It must be either 0, 1 or 2."}},
	{storage.ErrWriters, Error{InvalidArgument, "Invalid Write permission supplied. It must be either 0 or 1."}},
	{storage.ErrVersion, Error{InvalidArgument, "Storage write rejected - version check failed."}},
	{storage.ErrProtected, Error{InvalidArgument, "Storage write rejected - permission denied."}},
	{storage.ErrCursor, Error{InvalidArgument, "Malformed cursor was used."}},
}

// objectError is what a client is told of an error of the objects; text if it is none of the client's.
func objectError(err error, text string) error {
	for _, known := range objectErrors {
		if errors.Is(err, known.err) {
			return &known.told
		}
	}
	return &failure{Unavailable, text, err}
}

func objectMessages(objects []storage.Object) []*api.StorageObject {
	out := make([]*api.StorageObject, len(objects))
	for i, o := range objects {
		out[i] = &api.StorageObject{
			Collection: o.Collection, Key: o.Key, UserId: ownerID(o.Owner), Value: o.Value, Version: o.Version,
			PermissionRead: int32(o.Readers), PermissionWrite: int32(o.Writers),
			CreateTime: seconds(o.Created), UpdateTime: seconds(o.Updated),
		}
	}
	return out
}

// ownerID is how clients name an owner: the system is the all-zero UUID.
func ownerID(owner string) string {
	if owner == "" {
		return uuid.Nil.String()
	}
	return owner
}
