using System.Text.Json.Nodes;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Authorization that depends on the content of a write: whether it creates an object, and whether it escalates
/// privileges.
/// </summary>
internal sealed class WriteGuard(ResourceRegistry registry, RbacAuthorizer authorizer)
{
    /// <exception cref="ApiStatusException">403: the write would grant rights that its author does not
    /// have.</exception>
    public void Check(ResourceRequest request, JsonObject wanted, JsonObject? old)
    {
        if (old is null && request.Info.Verb != "create")
        {
            RequireCreation(request);
        }

        if (request.Definition.Id.Group != RbacResources.Group)
        {
            return;
        }

        var isBinding = request.Definition.Id.Plural is "rolebindings" or "clusterrolebindings";
        if (isBinding)
        {
            CheckBinding(request, wanted, old);
        }
        else if (!JsonNode.DeepEquals(wanted["rules"], old?["rules"])
            && !May(request, "escalate", request.Definition.Id.Plural, wanted.MetadataText("name")))
        {
            RequireHeld(request, wanted, RbacRules.OfRole(registry, wanted));
        }
    }

    /// <summary>An apply of a missing object creates it, which requires more than the patch verb.</summary>
    private void RequireCreation(ResourceRequest request)
    {
        var access = AccessRequest.From(request.User, request.Info) with { Verb = "create" };
        if (!authorizer.IsAllowed(access))
        {
            throw ForbiddenErrors.For(access);
        }
    }

    private void CheckBinding(ResourceRequest request, JsonObject wanted, JsonObject? old)
    {
        var reference = wanted["roleRef"] as JsonObject;
        if (old is not null
            && JsonNode.DeepEquals(old["subjects"], wanted["subjects"])
            && JsonNode.DeepEquals(old["roleRef"], reference))
        {
            return;
        }

        var plural = reference?.NonEmpty("kind") == "Role" ? "roles" : "clusterroles";
        if (!May(request, "bind", plural, reference?.NonEmpty("name")))
        {
            RequireHeld(request, wanted, RbacRules.OfRole(registry, reference, request.Namespace));
        }
    }

    private bool May(ResourceRequest request, string verb, string plural, string? name) =>
        authorizer.IsAllowed(new AccessRequest(request.User, verb)
        {
            IsResource = true,
            Group = RbacResources.Group,
            Plural = plural,
            Namespace = request.Namespace ?? "",
            Name = name ?? "",
        });

    private void RequireHeld(ResourceRequest request, JsonObject wanted, IReadOnlyList<PolicyRule> rules)
    {
        var held = authorizer.Rules(request.User, request.Namespace ?? "").ToList();
        var missing = rules.SelectMany(rule => rule.Split())
            .Where(rule => !held.Exists(own => own.Includes(rule)))
            .ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var groups = string.Join(" ", request.User.Groups.Select(group => $"\"{group}\""));
        throw ApiErrors.Forbidden(
            request.Definition.Id,
            wanted.MetadataText("name") ?? "",
            $"user \"{request.User.Name}\" (groups=[{groups}]) is attempting to grant RBAC permissions not currently "
            + $"held:\n"
            + string.Join('\n', missing.Select(rule => rule.Describe())));
    }
}
