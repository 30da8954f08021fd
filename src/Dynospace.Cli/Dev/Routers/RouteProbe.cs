namespace Dynospace.Cli.Dev.Routers;

/// <summary>Asks each app for its page through its router.</summary>
internal static class RouteProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The apps that do not answer well, and how they answer.</summary>
    public static async Task<IReadOnlyList<string>> ProblemsAsync(IReadOnlyList<WebTarget> targets, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience };
        var problems = await Task.WhenAll(targets.Select(target => ProblemAsync(client, target, cancellationToken)));
        return [.. problems.OfType<string>()];
    }

    private static async Task<string?> ProblemAsync(HttpClient client, WebTarget target, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target.Router) { Headers = { Host = target.Host } };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;

            // A redirect to HTTPS is an answer of the router as it was asked for.
            return status < 400 ? null : $"App {target.App}: its router answers {status}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return $"App {target.App}: its router does not answer: {e.Message}";
        }
    }
}
