using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Tests.Support;

/// <summary>
/// An API server on which there is nothing but Spaces, if any, and which answers no list before the test lets it.
/// </summary>
internal sealed class EmptyCluster : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _folder = Directory.CreateTempSubdirectory("empty-cluster").FullName;

    private EmptyCluster(WebApplication app) => _app = app;

    /// <summary>Names of Common Spaces that are ready for apps, whose namespaces nobody may look into.</summary>
    public IReadOnlyList<string> ClosedSpaces { get; init; } = [];

    public string Address => _app.Urls.First();

    /// <summary>Ends when the first list was asked for.</summary>
    public Task Asked => _asked.Task;

    /// <summary>A kubeconfig of this server.</summary>
    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    public static async Task<EmptyCluster> StartAsync(params string[] closedSpaces)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(
            kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http1));
        var cluster = new EmptyCluster(builder.Build()) { ClosedSpaces = closedSpaces };
        cluster._app.Run(cluster.AnswerAsync);
        await cluster._app.StartAsync().Soon();
        await File.WriteAllTextAsync(cluster.Kubeconfig, $"""
            apiVersion: v1
            kind: Config
            current-context: it
            contexts:
            - name: it
              context:
                cluster: it
                user: it
            clusters:
            - name: it
              cluster:
                server: {cluster.Address}
            users:
            - name: it
              user:
                token: none
            """);
        return cluster;
    }

    public void Open() => _opened.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Open();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var gone = context.RequestAborted;
        context.Response.ContentType = "application/json";
        if (context.Request.Query["watch"] == "true" || context.Request.Query["watch"] == "1")
        {
            await context.Response.Body.FlushAsync(gone);
            await Task.Delay(Timeout.Infinite, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        _asked.TrySetResult();
        await _opened.Task.WaitAsync(gone);
        if (context.Request.Path.Value!.Contains("/namespaces/", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var items = context.Request.Path.Value.EndsWith("/spaces", StringComparison.Ordinal)
            ? ClosedSpaces.Select(Space)
            : [];
        await context.Response.WriteAsync(
            $$"""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{{string.Join(',', items)}}]}""",
            gone);
    }

    private static string Space(string name) =>
        $$$"""
        {"apiVersion":"dynospace.dev/v1alpha1","kind":"Space","metadata":{"name":"{{{name}}}","uid":"{{{name}}}","resourceVersion":"1"},
         "spec":{"runtime":"Common","region":"oregon"},
         "status":{"conditions":[{"type":"NamespaceReady","status":"True","reason":"Ready","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
        """;
}
