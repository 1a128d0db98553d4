package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/awscloud"
	"orchard/localcloud/internal/azurecloud"
	"orchard/localcloud/internal/daemon"
	"orchard/localcloud/internal/durable"
	"orchard/localcloud/internal/postgres"
	"orchard/localcloud/internal/provider"
	awsprovider "orchard/localcloud/internal/provider/aws"
	azureprovider "orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/world"
)

// configure joins the parts of a daemon.
func configure(ctx context.Context, folder daemon.Folder, s settings, log *slog.Logger) (daemon.Config, error) {
	if err := folder.Prepare(); err != nil {
		return daemon.Config{}, err
	}
	install, err := findPostgres(ctx, s.postgres)
	if err != nil {
		return daemon.Config{}, err
	}
	root, err := authority.Load(string(folder))
	if err != nil {
		return daemon.Config{}, err
	}
	if err := durable.Write(folder.Certificate(), root.PEM(), 0o644); err != nil {
		return daemon.Config{}, err
	}
	key, err := folder.CredentialKey()
	if err != nil {
		return daemon.Config{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return daemon.Config{}, fmt.Errorf("find this program: %w", err)
	}
	aws, err := awscloud.New(awscloud.Config{Authority: root, Key: key, Blobs: folder.Blobs(), Log: log})
	if err != nil {
		return daemon.Config{}, err
	}
	azure, err := azurecloud.New(azurecloud.Config{Authority: root, Key: key, Blobs: folder.Blobs(), Log: log})
	if err != nil {
		return daemon.Config{}, err
	}
	tables := []provider.Table{awsprovider.Table(), azureprovider.Table()}
	return daemon.Config{
		Folder: folder, Log: log, Version: version(), Tables: tables,
		World: world.Options{
			Clouds:    map[string]world.Cloud{tables[0].Name: aws, tables[1].Name: azure},
			TimeScale: s.timeScale,
			Images:    folder.Images(), Executable: self,
			DatabaseDetection: s.detection,
			Postgres:          install, Authority: root, Log: log,
		},
	}, nil
}

func findPostgres(ctx context.Context, folder string) (postgres.Install, error) {
	return postgres.Find(ctx, postgres.Search{Folder: folder, Path: os.Getenv("PATH")})
}

func postgresCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "postgres",
		Short: "Say which PostgreSQL is used",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			install, err := findPostgres(cmd.Context(), os.Getenv("LOCALCLOUD_POSTGRES"))
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "PostgreSQL %s in %s\n", install.Version, install.Bin)
			return nil
		},
	}
}
