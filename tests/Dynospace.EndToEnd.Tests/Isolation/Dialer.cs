using System.Net.WebSockets;
using k8s;
using k8s.Autorest;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>Opens connections, all those of one end in one go.</summary>
internal static class Dialer
{
    private const int Rounds = 8;
    private const int AtOnce = 6;

    /// <summary>
    /// What was seen of each attempt: <c>yes</c>, <c>no</c> or why it was not made. Networks enforce a little after the
    /// API has a policy or a pod, and tell nobody when: what differs from what is expected is tried again, a few times
    /// with a pause.
    /// </summary>
    public static async Task<IReadOnlyList<(Attempt Attempt, string Seen)>> DialAsync(
        IReadOnlyList<Attempt> attempts, Func<Attempt, bool> expected)
    {
        var seen = new Dictionary<Attempt, string>();
        var pending = attempts;
        for (var round = 0; round < Rounds && pending.Count > 0; round++)
        {
            foreach (var (attempt, answer) in await OnceAsync(pending, TimeSpan.FromSeconds(round == 0 ? 0 : 2)))
            {
                seen[attempt] = answer;
            }

            pending = [.. pending.Where(attempt => seen[attempt] != (expected(attempt) ? "yes" : "no"))];
        }

        return [.. attempts.Select(attempt => (attempt, seen[attempt]))];
    }

    private static async Task<IEnumerable<(Attempt Attempt, string Answer)>> OnceAsync(
        IReadOnlyList<Attempt> attempts, TimeSpan pause)
    {
        using var places = new SemaphoreSlim(AtOnce);
        var answers = await Task.WhenAll(attempts.GroupBy(attempt => attempt.Shell).Select(async group =>
        {
            await places.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                return await FromAsync(group.Key, [.. group], pause);
            }
            finally
            {
                places.Release();
            }
        }));
        return answers.SelectMany(answer => answer);
    }

    private static async Task<IEnumerable<(Attempt Attempt, string Answer)>> FromAsync(
        IShell shell, Attempt[] attempts, TimeSpan pause)
    {
        int? ownPort = shell.Listens ? MatrixWorld.OwnPort : null;
        try
        {
            var script = DialScript.For(
                [.. attempts.Select(attempt => (attempt.Address, attempt.Cell.Port))], ownPort, pause);
            var outcomes = DialScript.Outcomes(
                await shell.RunAsync(script, TestContext.Current.CancellationToken),
                attempts.Length,
                ownPort is not null);
            return attempts.Zip(outcomes, (attempt, outcome) => (attempt, outcome ? "yes" : "no"));
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException
            or WebSocketException or KubernetesException or InvalidOperationException)
        {
            return attempts.Select(attempt => (attempt, $"nothing, since {shell} cannot be used: {e.Message}"));
        }
    }
}
