package azurecloud

import (
	"time"

	"orchard/localcloud/internal/postgres"
)

// superuser is the role that Azure keeps to itself.
const superuser = "azuresu"

// DatabaseRoles are the roles of a flexible server.
func (c *Cloud) DatabaseRoles() (string, []postgres.GroupRole) {
	return superuser, []postgres.GroupRole{
		{Name: "azure_pg_admin", Granted: true, Grantable: true},
		{Name: "azure_ad_user", Grantable: true},
		{Name: "azure_ad_mfa", Grantable: true},
	}
}

// A failover of a zone-redundant flexible server.
const (
	// failoverTime is the middle of the 60 to 120 s that a failover takes.
	// Source: Azure Database for PostgreSQL, High availability; the middle is
	// chosen. The work itself takes less than a second here.
	failoverTime = 90 * time.Second
	// addressLife is the time to live of the server's DNS record. It is not
	// documented; 30 s is chosen.
	addressLife = 30 * time.Second
)

// DatabaseTiming is that of a flexible server: clients that hold the old
// address until its life is over see writes accepted again after failoverTime.
func (c *Cloud) DatabaseTiming() postgres.Timing {
	return postgres.Timing{Detection: failoverTime - addressLife, Address: addressLife}
}

// DatabaseSetup makes what maps roles to principals: a table, which belongs to
// the superuser alone, and the function that administrators fill it by.
func (c *Cloud) DatabaseSetup() []string {
	return []string{principalTable, principalFunction, principalRights}
}

// principalTable goes by a role's number, not its name: another role that takes
// the name of one that was dropped is another's. Real servers write security
// labels, which need a library that is loaded into the server.
const principalTable = `
create schema pgaadauth;
create table pgaadauth.principals (
	role oid primary key,
	object_id uuid not null,
	object_type text not null check (object_type in ('user', 'group', 'service'))
)`

const principalQuery = `select p.object_id::text
	from pgaadauth.principals p join pg_catalog.pg_roles r on r.oid = p.role
	where r.rolname = $1`

// principalFunction has the name, parameters and answer of the real one, and is
// found without a schema as that is. From PostgreSQL 16 on whoever calls it is
// given the role to administer, because CREATEROLE alone would no longer do.
const principalFunction = `
create function pg_catalog.pgaadauth_create_principal_with_oid(
	rolename text, objectid text, objecttype text, isadmin boolean, ismfa boolean) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
begin
	if ismfa then
		raise exception 'multi-factor authentication is for users alone, who do not exist here'
			using errcode = 'feature_not_supported';
	end if;
	execute format('create role %I login in role azure_ad_user', rolename);
	if isadmin then
		execute format('grant azure_pg_admin to %I', rolename);
	end if;
	if current_setting('server_version_num')::int >= 160000 then
		execute format('grant %I to %I with admin true, inherit false, set false', rolename, session_user);
	end if;
	insert into pgaadauth.principals (role, object_id, object_type)
		select r.oid, objectid::uuid, objecttype from pg_roles r where r.rolname = rolename
		on conflict (role) do update set object_id = excluded.object_id, object_type = excluded.object_type;
	return format('Created role for %I', rolename);
end
$function$`

const principalRights = `
revoke all on function pg_catalog.pgaadauth_create_principal_with_oid(text, text, text, boolean, boolean) from public;
grant execute on function pg_catalog.pgaadauth_create_principal_with_oid(text, text, text, boolean, boolean) to azure_pg_admin`
