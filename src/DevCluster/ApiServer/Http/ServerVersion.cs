using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace DevCluster.ApiServer.Http;

/// <summary>What <c>/version</c> says: the API level that is followed, and plainly that this is no Kubernetes.</summary>
internal static class ServerVersion
{
    public const string GitVersion = "v1.32.0+dynospace-dev";

    public static JsonObject Document() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "simulated by the dynospace dev cluster",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-01-01T00:00:00Z",
        ["goVersion"] = "none: " + RuntimeInformation.FrameworkDescription,
        ["compiler"] = "dotnet",
        ["platform"] = RuntimeInformation.RuntimeIdentifier,
    };
}
