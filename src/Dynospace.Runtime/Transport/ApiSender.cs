using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using k8s;

namespace Dynospace.Runtime.Transport;

/// <summary>Sends requests: credentials, time-outs, errors and metrics in one place.</summary>
internal sealed class ApiSender(Kubernetes client, ApiTransportOptions options, TimeProvider clock)
{
    /// <summary>Longer than the client's own pings take to detect that a shared connection is dead.</summary>
    private static readonly TimeSpan Quarantine = TimeSpan.FromMinutes(5);

    private static readonly Dictionary<string, string> NoHeaders = [];

    private long _lastTimeout = long.MinValue;

    /// <summary>When the first 401 since the last success came; UTC ticks, 0 for none.</summary>
    private long _refusedSince;

    /// <summary>Since when the server has refused the credentials; null while it accepts them.</summary>
    public DateTimeOffset? RefusedSince =>
        Volatile.Read(ref _refusedSince) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Sends a request and reads its answer, both within the time-out.</summary>
    public async Task<TAnswer> SendAsync<TAnswer>(
        ApiCall call, Func<Stream, CancellationToken, Task<TAnswer>> read, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var started = clock.GetTimestamp();
        try
        {
            using var response = await OpenAsync(call, either.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            return await read(stream, either.Token);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested
            && !cancellationToken.IsCancellationRequested)
        {
            Volatile.Write(ref _lastTimeout, clock.GetTimestamp());
            throw new TimeoutException($"{call.Verb} {call.Kind.Plural} took longer than {options.RequestTimeout}.", e);
        }
        catch (JsonException e)
        {
            throw new IOException($"The answer to {call.Verb} {call.Kind.Plural} is not JSON.", e);
        }
        finally
        {
            RuntimeMetrics.RequestSeconds.Record(
                clock.GetElapsedTime(started).TotalSeconds,
                RuntimeMetrics.Tag("verb", call.Verb),
                RuntimeMetrics.Tag("kind", call.Kind.Kind));
        }
    }

    /// <summary>Sends a request and returns when the answer's headers are there.</summary>
    public async Task<HttpResponseMessage> OpenAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(call.Method, new Uri(client.BaseUri, call.Path))
        {
            Version = VersionFor(call),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = call.Body,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        foreach (var (name, value) in call.Headers ?? NoHeaders)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (client.Credentials is { } credentials)
        {
            // For each request: tokens expire and are renewed by this call.
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        HttpResponseMessage response;
        try
        {
            response = await client.HttpClient.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException)
        {
            Count(call, "failed");
            throw;
        }

        Count(call, ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
        NoteCredentials(response.StatusCode);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new ApiException(await ApiStatusReader.ReadAsync(response, clock, cancellationToken));
        }
    }

    /// <summary>Any answer other than 401 shows that the credentials are valid.</summary>
    private void NoteCredentials(HttpStatusCode code)
    {
        if (code == HttpStatusCode.Unauthorized)
        {
            Interlocked.CompareExchange(ref _refusedSince, clock.GetUtcNow().UtcTicks, 0);
        }
        else if (Volatile.Read(ref _refusedSince) != 0)
        {
            Volatile.Write(ref _refusedSince, 0);
        }
    }

    private static void Count(ApiCall call, string code) => RuntimeMetrics.RequestCounter.Add(
        1,
        RuntimeMetrics.Tag("verb", call.Verb),
        RuntimeMetrics.Tag("kind", call.Kind.Kind),
        RuntimeMetrics.Tag("code", code));

    /// <summary>
    /// HTTP/2 carries all requests on one connection; if it is half-open, every retry fails with it. A watch or a log
    /// therefore has a connection of its own, which closes when the caller gives up; and after a time-out other
    /// requests avoid the shared connection for a while.
    /// </summary>
    private Version VersionFor(ApiCall call)
    {
        var lastTimeout = Volatile.Read(ref _lastTimeout);
        var isSuspect = lastTimeout != long.MinValue && clock.GetElapsedTime(lastTimeout) < Quarantine;
        return call.Verb is ApiCall.Watch or ApiCall.Text || isSuspect ? HttpVersion.Version11 : options.HttpVersion;
    }
}
