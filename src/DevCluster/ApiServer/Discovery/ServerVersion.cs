using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace DevCluster.ApiServer.Discovery;

/// <summary>
/// What <c>/version</c> says: the release whose answers this server is held against, and plainly that it is a
/// simulation.
/// </summary>
internal static class ServerVersion
{
    public const string GitVersion = "v1.36.2+devcluster";

    public static JsonObject Document() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "simulated by DevCluster",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-01-01T00:00:00Z",
        ["goVersion"] = "none: " + RuntimeInformation.FrameworkDescription,
        ["compiler"] = "dotnet",
        ["platform"] = RuntimeInformation.RuntimeIdentifier,
    };
}
