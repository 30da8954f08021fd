using Dynospace.Runtime;

namespace Dynospace.Cli.Dev.Routers;

/// <summary>An app with web dynos and the router that serves it.</summary>
internal sealed record WebTarget(ObjectKey App, string Host, Uri Router)
{
    /// <summary>Ready to paste.</summary>
    public override string ToString() => $"curl -H 'Host: {Host}' {Router}";
}
