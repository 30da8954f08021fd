using Dynospace.Router.Errors;
using Dynospace.Router.Logging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Serving;

/// <summary>Logs the requests that the server refuses before the request path sees them; what is known of them is little.</summary>
internal sealed class BadRequestObserver(RequestLog log, RouterMetrics metrics) : IObserver<KeyValuePair<string, object?>>
{
    public const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not IFeatureCollection features
            || features.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException error)
        {
            return;
        }

        var outcome = RouterErrors.RequestError(error.StatusCode);
        var request = features.Get<IHttpRequestFeature>();
        var tls = features.Get<Microsoft.AspNetCore.Connections.Features.ITlsHandshakeFeature>();
        metrics.Count(outcome, error.StatusCode);
        log.Append(new RequestRecord
        {
            Error = outcome,
            Method = request?.Method ?? "",
            Target = request?.RawTarget ?? "",
            Host = request?.Headers.Host.ToString(),
            Forwarded = features.Get<IHttpConnectionFeature>()?.RemoteIpAddress?.ToString() ?? "",
            Status = error.StatusCode,
            IsTls = tls is not null,
            TlsVersion = tls?.Protocol ?? default,
        });
    }

    public void OnCompleted()
    {
        // The server is gone, and so is this.
    }

    public void OnError(Exception error)
    {
        // A DiagnosticListener never sends errors.
    }
}
