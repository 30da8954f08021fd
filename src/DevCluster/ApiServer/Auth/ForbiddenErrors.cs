using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Auth;

/// <summary>The 403 of authorization.</summary>
internal static class ForbiddenErrors
{
    public static ApiStatusException For(AccessRequest request)
    {
        if (!request.IsResource)
        {
            return new ApiStatusException(
                403,
                "Forbidden",
                $"forbidden: User \"{request.User.Name}\" cannot {request.Verb} path \"{request.Path}\"",
                []);
        }

        var resource = new ResourceId(request.Group, request.Plural);
        var scope = request.Namespace.Length == 0
            ? "at the cluster scope"
            : $"in the namespace \"{request.Namespace}\"";
        var why =
            $"User \"{request.User.Name}\" cannot {request.Verb} resource \"{request.Resource}\" in API group "
            + $"\"{request.Group}\" {scope}";
        if (request.Name.Length > 0)
        {
            return ApiErrors.Forbidden(resource, request.Name, why);
        }

        var details = new JsonObject();
        if (request.Group.Length > 0)
        {
            details["group"] = request.Group;
        }

        details["kind"] = request.Plural;
        return new ApiStatusException(403, "Forbidden", $"{resource} is forbidden: {why}", details);
    }
}
