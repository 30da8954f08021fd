namespace Dynospace.Router.Proxying;

/// <summary>
/// Ends exchanges that have waited too long: one timer checks all of them several times a second, so a request costs no
/// more than an entry in a list.
/// </summary>
public sealed class IdleWatch : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _clock;
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Stripe())];
    private readonly ITimer _timer;

    public IdleWatch(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(static state => ((IdleWatch)state!).EndOverdue(), this, Period, Period);
    }

    internal void Add(Exchange exchange) => StripeOf(exchange).Add(exchange);

    internal void Remove(Exchange exchange) => StripeOf(exchange).Remove(exchange);

    /// <summary>Ends all exchanges.</summary>
    public void EndAll(RouterError reason)
    {
        foreach (var exchange in _stripes.SelectMany(stripe => stripe.Snapshot()))
        {
            exchange.End(reason);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void EndOverdue()
    {
        var now = _clock.GetTimestamp();
        foreach (var stripe in _stripes)
        {
            foreach (var (exchange, reason) in stripe.OverdueAt(now))
            {
                exchange.End(reason);
            }
        }
    }

    private Stripe StripeOf(Exchange exchange) => _stripes[(uint)exchange.GetHashCode() % (uint)_stripes.Length];

    private sealed class Stripe
    {
        private readonly Lock _lock = new();
        private readonly List<Exchange> _exchanges = [];

        public void Add(Exchange exchange)
        {
            lock (_lock)
            {
                exchange.WatchIndex = _exchanges.Count;
                _exchanges.Add(exchange);
            }
        }

        public void Remove(Exchange exchange)
        {
            lock (_lock)
            {
                var last = _exchanges[^1];
                _exchanges[exchange.WatchIndex] = last;
                last.WatchIndex = exchange.WatchIndex;
                _exchanges.RemoveAt(_exchanges.Count - 1);
            }
        }

        public Exchange[] Snapshot()
        {
            lock (_lock)
            {
                return [.. _exchanges];
            }
        }

        public List<(Exchange Exchange, RouterError Reason)> OverdueAt(long now)
        {
            var overdue = new List<(Exchange, RouterError)>();
            lock (_lock)
            {
                foreach (var exchange in _exchanges)
                {
                    if (exchange.OverdueAt(now) is { } reason)
                    {
                        overdue.Add((exchange, reason));
                    }
                }
            }

            return overdue;
        }
    }
}
