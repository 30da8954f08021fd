using Dynospace.Router.Logging;
using Dynospace.Router.Proxying;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Frontend;

/// <summary>
/// Logs requests that the server refuses before the request path sees them, with the little that is known about them.
/// </summary>
internal sealed class BadRequestObserver(RequestLedger ledger) : IObserver<KeyValuePair<string, object?>>
{
    public const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not IFeatureCollection features
            || features.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException error
            || !ClientConnection.TryClaimRefused(features))
        {
            return;
        }

        var outcome = RouterErrors.RequestError(error.StatusCode);
        var request = features.Get<IHttpRequestFeature>();
        var tls = TlsFacts.FromFeatures(features);
        ledger.Refused(new RequestRecord
        {
            Error = outcome,
            Method = request?.Method ?? "",
            Target = request?.RawTarget ?? "",
            Host = request?.Headers.Host.ToString(),
            Forwarded = features.Get<IHttpConnectionFeature>()?.RemoteIpAddress?.ToString() ?? "",
            Status = error.StatusCode,
            IsTls = tls.IsTls,
            TlsVersion = tls.Protocol,
        });
    }

    public void OnCompleted()
    {
        // The server has ended; there is nothing to clean up.
    }

    public void OnError(Exception error)
    {
        // A DiagnosticListener never sends errors.
    }
}
