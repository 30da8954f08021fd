using System.Security.Authentication;
using Dynospace.Router.Errors;

namespace Dynospace.Router.Logging;

/// <summary>What a log line tells about one request.</summary>
internal struct RequestRecord
{
    public RouterError? Error;
    public string Method;
    public string Target;
    public string? Host;
    public string? RequestId;
    public string Forwarded;
    public string? Dyno;
    public long ConnectMilliseconds;
    public long ServiceMilliseconds;
    public int Status;
    public long Bytes;
    public bool IsTls;
    public SslProtocols TlsVersion;
}
