using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Dynospace.Router.Lines;

/// <summary>Whether a client may read an app's lines.</summary>
public enum LineVerdict
{
    /// <summary>The API server allows the bearer to read logs of pods in the app's namespace.</summary>
    Allowed,

    /// <summary>The API server does not know the token.</summary>
    Unknown,

    /// <summary>The API server knows the bearer, who may not read logs there.</summary>
    Forbidden,

    /// <summary>The API server does not answer.</summary>
    Unavailable,
}

/// <summary>Decides who reads lines; tests replace it.</summary>
public interface ILineAccess
{
    Task<LineVerdict> JudgeAsync(string token, string space, CancellationToken cancellationToken);
}

/// <summary>
/// Asks the API server to whom a token belongs (TokenReview), and whether its bearer may read <c>pods/log</c> in the
/// app's namespace (SubjectAccessReview). A user who may read the logs of an app's dynos may read the lines of its
/// requests too.
/// </summary>
public sealed class LineAccess(Kubernetes client) : ILineAccess, IDisposable
{
    /// <summary>Concurrent reviews. Any client of the port can cause them, and they load the API server.</summary>
    private const int AtOnce = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _slots = new(AtOnce);

    public async Task<LineVerdict> JudgeAsync(string token, string space, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await _slots.WaitAsync(patience.Token);
            try
            {
                return await ReviewAsync(token, space, patience.Token);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return LineVerdict.Unavailable;
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task<LineVerdict> ReviewAsync(string token, string space, CancellationToken cancellationToken)
    {
        var review = await client.AuthenticationV1.CreateTokenReviewAsync(
            new V1TokenReview { Spec = new() { Token = token } }, cancellationToken: cancellationToken);
        if (review.Status is not { Authenticated: true, User: { } user })
        {
            return LineVerdict.Unknown;
        }

        var access = await client.AuthorizationV1.CreateSubjectAccessReviewAsync(
            new V1SubjectAccessReview
            {
                Spec = new()
                {
                    User = user.Username,
                    Uid = user.Uid,
                    Groups = user.Groups,
                    Extra = user.Extra,
                    ResourceAttributes = new()
                    {
                        NamespaceProperty = space,
                        Verb = "get",
                        Version = "v1",
                        Resource = "pods",
                        Subresource = "log",
                    },
                },
            },
            cancellationToken: cancellationToken);
        return access.Status is { Allowed: true } ? LineVerdict.Allowed : LineVerdict.Forbidden;
    }
}
