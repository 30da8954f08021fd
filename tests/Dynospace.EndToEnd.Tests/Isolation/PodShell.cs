using Dynospace.EndToEnd.Tests.Client;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>In a pod.</summary>
internal sealed record PodShell(ApiClient Api, ObjectKey Pod, bool Listens) : IShell
{
    /// <summary>The container; null for the only one.</summary>
    public string? Container { get; init; }

    public Task<string> RunAsync(string script, CancellationToken cancellationToken) =>
        Api.ExecAsync(Pod, Container, ["busybox", "sh", "-c", script], cancellationToken);

    public override string ToString() => $"pod {Pod}";
}
