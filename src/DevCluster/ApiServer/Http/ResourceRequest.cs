using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>An authorized request for a served resource.</summary>
internal sealed record ResourceRequest(HttpContext Http, RequestInfo Info, ResourceDefinition Definition, UserInfo User)
{
    private const int ManagerLimit = 128;

    public IQueryCollection Query => Http.Request.Query;

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>The namespace; null for cluster-scoped resources and requests across all namespaces.</summary>
    public string? Namespace => Definition.IsNamespaced ? Info.Namespace : null;

    /// <summary>The name in the path.</summary>
    public string Name => Info.Name ?? throw ApiErrors.MethodNotAllowed();

    public bool IsDryRun
    {
        get
        {
            var values = Query["dryRun"];
            return values.Count != 0 && (values.All(value => value == "All")
                ? true
                : throw ApiErrors.Invalid(
                    "meta.k8s.io",
                    OptionsKind,
                    "",
                    FieldErrors.NotSupportedShown(
                        FieldPath.At("dryRun"), $"[\"{string.Join("\",\"", values!)}\"]", ["All"])));
        }
    }

    /// <summary>
    /// The field manager of this write: the query parameter, or else the program name in the User-Agent.
    /// </summary>
    public string FieldManager
    {
        get
        {
            var manager = Query["fieldManager"].ToString();
            if (manager.Length == 0)
            {
                manager = Http.Request.Headers.UserAgent.ToString().Split('/')[0];
            }

            return manager.Length > ManagerLimit ? manager[..ManagerLimit] : manager.Length == 0 ? "unknown" : manager;
        }
    }

    public WriteOptions WriteOptions => new(FieldManager, Info.Subresource, IsDryRun)
    {
        Author = User,
        Requested = Definition,
    };

    private string OptionsKind => Info.Verb switch
    {
        "create" => "CreateOptions",
        "update" => "UpdateOptions",
        "patch" => "PatchOptions",
        _ => "DeleteOptions",
    };
}
