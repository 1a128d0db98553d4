package azure

import (
	"encoding/hex"
	"fmt"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// blobType has no content that changes: azure-native replaces a blob whose
// source differs.
func blobType() provider.Type {
	return provider.Type{
		Properties: properties{
			"resourceGroupName": parent(),
			"accountName":       parent(),
			"containerName":     text().Needed().Replaces().Length(1, 0),
			"blobName":          text().Replaces().Length(1, 1024),
			"source":            provider.Asset().Replaces(),
			"type":              text().Or("Block").OneOf("Block", "Append").Replaces().OnlyHere("Block", "its blobs are written once"),
			"contentMd5":        text().Replaces().NoEffect(),
			"contentType":       text().Or("application/octet-stream"),
			"accessTier":        text().OneOf("Hot", "Cool", "Archive").NoEffect(),
			"metadata":          provider.Map(text()).NoEffect(),
		},
		Name:     copiedName("blobName", 1024),
		Computed: []string{"name", "url", "metadata", "contentMd5"},
		Check:    checkBlob, Compute: computeBlob,
	}
}

func checkBlob(in provider.Inputs) failures {
	if in.Text("accessTier") == "Archive" {
		return refuse("accessTier", "is \"Archive\", from which no instance could read")
	}
	return nil
}

func computeBlob(req request) (result, error) {
	in := req.Inputs
	container, err := blobContainer(req)
	if err != nil {
		return result{}, err
	}
	id, err := inside(req, container.ID, "blobs", in.Text("blobName"))
	if err != nil {
		return result{}, err
	}
	content := map[string]any{"text": ""}
	if in.Has("source") {
		content = in.Object("source").Object("$asset")
	}
	sum, size, err := req.Store(content)
	if err != nil {
		return result{}, fmt.Errorf("store blob %s: %w", in.Text("blobName"), err)
	}
	out := answer(id, "", in.Text("blobName"), map[string]any{
		"url": fmt.Sprintf("https://%s.blob.core.windows.net/%s/%s", in.Text("accountName"), in.Text("containerName"), in.Text("blobName")),
	})
	delete(out.Outputs, "type") // here it is an input of another meaning
	for name, value := range map[string]any{"metadata": map[string]any{}, "contentMd5": ""} {
		if !in.Has(name) {
			out.Outputs[name] = value
		}
	}
	out.Private["sha256"], out.Private["size"] = sum, float64(size)
	out.Private["etag"] = "0x" + hex.EncodeToString([]byte(sum[:8]))
	return out, nil
}

// blobContainer finds a blob's container and says whether azure-native can
// write there: it does so from the engine's machine and with the account's
// shared key.
func blobContainer(req request) (world.Resource, error) {
	in := req.Inputs
	account, ok := sibling(req, typeAccount, kindAccount, in.Text("accountName"))
	if !ok {
		return account, fmt.Errorf("ResourceNotFound: The Resource '%s/%s' was not found", kindAccount, in.Text("accountName"))
	}
	container, ok := found(req.World.Resources(), typeContainer, account.ID+"/blobServices/default/containers/"+in.Text("containerName"))
	if !ok {
		return container, fmt.Errorf("ContainerNotFound: The specified container does not exist: %s", in.Text("containerName"))
	}
	if !outs(account).Flag("allowSharedKeyAccess") {
		return container, fmt.Errorf("KeyBasedAuthenticationNotPermitted: Key based authentication is not permitted on storage account %s, and the provider has no other: set allowSharedKeyAccess", in.Text("accountName"))
	}
	rules := outs(account).Object("networkRuleSet")
	if rules.Text("defaultAction") == "Deny" && len(rules.Objects("ipRules")) == 0 {
		return container, fmt.Errorf("AuthorizationFailure: This request is not authorized to perform this operation: the network rules of storage account %s deny every address, also that of the machine that runs the engine: add an ipRule for it", in.Text("accountName"))
	}
	return container, nil
}
