// Platform: spaces, apps and dynos as people see them: one tree, its rows, and what is not ready in it.

using System.Text.Json;
using System.Threading.Channels;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Platform;

/// <summary>Watches spaces, apps and dynos and signals changes.</summary>
public sealed class PlatformWatch
{
    private readonly Informer<Space> _spaces;
    private readonly Informer<App> _apps;
    private readonly Informer<Dyno> _dynos;
    private readonly Informer<WebService> _services;

    /// <summary>A capacity of one is enough: a slow reader sees many changes at once.</summary>
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public PlatformWatch(IApiTransport transport, TimeProvider clock, ILoggerFactory loggers)
    {
        _spaces = Create(ResourceKind.For<Space>(isNamespaced: false), new InformerOptions<Space>());
        _apps = Create(ResourceKind.For<App>(isNamespaced: true), new InformerOptions<App>());
        _dynos = Create(ResourceKind.For<Dyno>(isNamespaced: true), new InformerOptions<Dyno>());
        _services = Create(
            ResourceKind.For<V1Service>(),
            new InformerOptions<WebService> { LabelSelector = Labels.App, Decode = DecodeService });

        Informer<T> Create<T>(ResourceKind kind, InformerOptions<T> options)
            where T : class
        {
            var informer = new Informer<T>(transport, kind, options, clock, loggers.CreateLogger<Informer<T>>());
            informer.AddHandler(_ => _changes.Writer.TryWrite(true));
            return informer;
        }
    }

    public PlatformState Current => new(
        _spaces.Store.List(),
        _apps.Store.List(),
        _dynos.Store.List(),
        _services.Store.List()
            .Where(service => service.Address is not null)
            .ToDictionary(service => service.Key, service => service.Address!));

    /// <summary>Whether everything was listed once, so that absence means something.</summary>
    public bool HasSynced => _spaces.HasSynced && _apps.HasSynced && _dynos.HasSynced;

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _spaces.RunAsync(cancellationToken),
        _apps.RunAsync(cancellationToken),
        _dynos.RunAsync(cancellationToken),
        _services.RunAsync(cancellationToken));

    /// <summary>
    /// Waits for the next change, which may have happened already, up to a limit; false if nothing changed.
    /// </summary>
    public async Task<bool> WaitForChangeAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await _changes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>For changes that no watch reports, such as the terminal's size.</summary>
    public void Nudge() => _changes.Writer.TryWrite(true);

    private static WebService DecodeService(JsonElement element)
    {
        var service = JsonObjects.To<V1Service>(element);
        var port = service.Spec?.Ports?.FirstOrDefault()?.Port;
        var isHeadless = service.Spec?.ClusterIP is null or "" or "None";
        return new WebService(
            new ObjectKey(service.Metadata.NamespaceProperty, service.Metadata.Name),
            isHeadless
                ? null
                : port is null ? service.Spec!.ClusterIP : $"{Bracketed(service.Spec!.ClusterIP)}:{port}");
    }

    private static string Bracketed(string address) =>
        address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
}
