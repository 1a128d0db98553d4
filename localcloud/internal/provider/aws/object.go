package aws

import (
	"encoding/base64"
	"errors"
	"fmt"

	"orchard/localcloud/internal/provider"
)

func objectType() provider.Type {
	return provider.Type{
		Properties: properties{
			"bucket":               text().Needed().Replaces(),
			"key":                  text().Needed().Replaces().Length(1, 1024),
			"source":               provider.Asset().Not("content", "contentBase64"),
			"content":              text().Not("contentBase64"),
			"contentBase64":        text(),
			"sourceHash":           text().NoEffect(),
			"contentType":          text().Or("application/octet-stream").NoEffect(),
			"cacheControl":         text().NoEffect(),
			"metadata":             provider.Map(text()).NoEffect(),
			"serverSideEncryption": text().OneOf("AES256", "aws:kms", "aws:kms:dsse").Or("AES256").NoEffect(),
			"storageClass":         text().Or("STANDARD").NoEffect(),
			"forceDestroy":         flag().Or(false).NoEffect(),
			"tags":                 tags(),
		},
		Space:    "object",
		Computed: []string{"arn", "checksumSha256", "etag", "tagsAll", "versionId"},
		Moves: map[string][]string{
			"tagsAll": {"tags"}, "etag": {"source", "content", "contentBase64"},
			"checksumSha256": {"source", "content", "contentBase64"}, "versionId": {"source", "content", "contentBase64"},
		},
		Compute: computeObject,
	}
}

func computeObject(req request) (result, error) {
	bucket, key := req.Inputs.Text("bucket"), req.Inputs.Text("key")
	if _, err := needBucket(req.World, bucket); err != nil {
		return result{}, err
	}
	content, err := objectContent(req.Inputs)
	if err != nil {
		return result{}, err
	}
	sum, size, err := req.Store(content)
	if err != nil {
		return result{}, fmt.Errorf("store object %s/%s: %w", bucket, key, err)
	}
	out := answer(req, bucket+"/"+key, map[string]any{
		"arn": "arn:aws:s3:::" + bucket + "/" + key, "etag": sum[:32], "checksumSha256": sum, "versionId": sum[32:],
	})
	out.Private["sha256"], out.Private["size"] = sum, float64(size)
	return out, nil
}

// objectContent is an object's content as an asset.
func objectContent(in provider.Inputs) (map[string]any, error) {
	if in.Has("source") {
		return in.Object("source").Object("$asset"), nil
	}
	content := in.Text("content")
	if in.Has("contentBase64") {
		raw, err := base64.StdEncoding.DecodeString(in.Text("contentBase64"))
		if err != nil {
			return nil, errors.New("contentBase64: is not base64")
		}
		content = string(raw)
	}
	return map[string]any{"text": content}, nil
}
