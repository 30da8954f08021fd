using System.Net;

namespace Dynospace.Runtime.Transport;

/// <summary>The API server's refusal. The message is the capped one of its <c>Status</c> and never the body, which may hold secrets.</summary>
public sealed class ApiException : Exception
{
    /// <summary>Makes the exception of a status.</summary>
    public ApiException(ApiStatus status)
        : base($"{(int)status.Code} {status.Reason}: {status.Message}")
    {
        Status = status;
    }

    /// <summary>What the API server said.</summary>
    public ApiStatus Status { get; }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode Code => Status.Code;

    /// <summary>The API's reason, as in <c>AlreadyExists</c>.</summary>
    public string Reason => Status.Reason;

    /// <summary>Whether a watch or a list must start over, since its resource version or continue token is too old.</summary>
    public bool IsGone => Code == HttpStatusCode.Gone || Reason is "Gone" or "Expired";

    /// <summary>Whether the object does not exist.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>Whether the namespace is on its way out and takes nothing new.</summary>
    public bool IsNamespaceTerminating => Code == HttpStatusCode.Forbidden && Status.Causes.Contains("NamespaceTerminating");
}
