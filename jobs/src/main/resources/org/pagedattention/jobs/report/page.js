// Shows what the block "data" holds. Texts in there are anybody's: they go into the page as text, never as markup.
(function () {
  'use strict';
  const data = JSON.parse(document.getElementById('data').textContent);
  const charts = [];
  const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

  function element(parent, tag, name, text) {
    const made = document.createElement(tag);
    if (name) {
      made.className = name;
    }
    if (text !== undefined) {
      made.textContent = text;
    }
    parent.append(made);
    return made;
  }

  function card(title, caption, wide) {
    const made = element(document.getElementById('cards'), 'section', wide ? 'card wide' : 'card');
    element(made, 'h2', '', title);
    if (caption) {
      element(made, 'p', 'caption', caption);
    }
    return made;
  }

  function facts(parent, rows, numbers) {
    const body = element(element(parent, 'table', numbers ? 'numbers' : 'words'), 'tbody');
    rows.forEach(function (row) {
      const line = element(body, 'tr');
      element(line, 'th', '', row.name).scope = 'row';
      element(line, 'td', numbers ? 'number' : '', row.value);
    });
  }

  function color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  }

  // made anew when the reader's light or dark changes
  function chart(parent, title, height, make) {
    const box = element(parent, 'div', 'chart');
    box.style.height = height + 'px';
    const canvas = element(box, 'canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', title);
    charts.push({ canvas: canvas, make: make, drawn: null });
  }

  function draw() {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    Chart.defaults.color = color('faint');
    Chart.defaults.borderColor = color('grid');
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.plugins.legend.display = false;
    charts.forEach(function (each) {
      if (each.drawn) {
        each.drawn.destroy();
      }
      each.drawn = new Chart(each.canvas, each.make());
    });
  }

  function axis(title, more) {
    return Object.assign({ title: { display: Boolean(title), text: title }, border: { display: false } }, more);
  }

  function wrapped(text, width) {
    const lines = [''];
    const words = text.split(' ').flatMap(function (word) {
      return word.match(new RegExp('.{1,' + width + '}', 'gsu')) || [];
    });
    words.forEach(function (word) {
      const last = lines.length - 1;
      if (lines[last] && lines[last].length + word.length >= width) {
        lines.push(word);
      } else {
        lines[last] += (lines[last] ? ' ' : '') + word;
      }
    });
    return lines;
  }

  // bars that each have a number of their own, which is written beside them
  function amounts(parent, title, rows, unit) {
    const width = parent.clientWidth < 420 ? 20 : 30;
    const labels = rows.map(function (row) {
      return wrapped(row.name, width).concat(row.text);
    });
    const lines = labels.reduce(function (most, label) {
      return Math.max(most, label.length);
    }, 2);
    chart(parent, title, 44 + (15 * lines + 14) * rows.length, function () {
      return {
        type: 'bar',
        data: {
          labels: labels,
          datasets: [{
            data: rows.map(function (row) {
              return row.value;
            }),
            backgroundColor: rows.map(function (row) {
              return color(row.ours ? 'accent' : 'other');
            }),
            borderRadius: 4,
            maxBarThickness: 26
          }]
        },
        options: {
          indexAxis: 'y',
          scales: {
            x: axis(unit, { beginAtZero: true, ticks: { maxTicksLimit: 5, callback: short.format } }),
            y: axis('', { grid: { display: false }, ticks: { color: color('ink'), autoSkip: false } })
          },
          plugins: {
            tooltip: {
              displayColors: false,
              callbacks: {
                title: function (items) {
                  return rows[items[0].dataIndex].name;
                },
                label: function (item) {
                  return rows[item.dataIndex].text;
                }
              }
            }
          }
        }
      };
    });
  }

  function bars(parent, title, name, rows, unit) {
    const total = rows.reduce(function (sum, row) {
      return sum + row.count;
    }, 0);
    chart(parent, title, 250, function () {
      return {
        type: 'bar',
        data: {
          labels: rows.map(function (row) {
            return row.label;
          }),
          datasets: [{
            data: rows.map(function (row) {
              return row.count;
            }),
            backgroundColor: color('accent'),
            borderRadius: 2,
            categoryPercentage: 1,
            barPercentage: 0.92
          }]
        },
        options: {
          scales: {
            x: axis(unit, { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 12 } }),
            y: axis(name, { beginAtZero: true, ticks: { maxTicksLimit: 6, precision: 0, callback: short.format } })
          },
          plugins: {
            tooltip: {
              displayColors: false,
              callbacks: {
                title: function (items) {
                  return items[0].label + ' ' + unit;
                },
                label: function (item) {
                  return whole.format(item.raw) + ' ' + name + ', ' + (100 * item.raw / total).toFixed(1) + '%';
                }
              }
            }
          }
        }
      };
    });
  }

  function line(parent, title, rows, unit) {
    chart(parent, title, 250, function () {
      return {
        type: 'line',
        data: {
          datasets: [{
            data: rows,
            borderColor: color('accent'),
            backgroundColor: color('accent-soft'),
            borderWidth: 2,
            fill: 'origin',
            stepped: 'middle',
            pointRadius: rows.length === 1 ? 4 : 0,
            pointHitRadius: 12
          }]
        },
        options: {
          interaction: { mode: 'index', intersect: false },
          scales: {
            x: axis('seconds since the first batch', {
              type: 'linear',
              min: 0,
              max: rows[rows.length - 1].x,
              grid: { display: false },
              ticks: { maxRotation: 0, includeBounds: false }
            }),
            y: axis(unit, { beginAtZero: true, ticks: { maxTicksLimit: 6, callback: short.format } })
          },
          plugins: {
            tooltip: {
              displayColors: false,
              callbacks: {
                title: function (items) {
                  return items[0].raw.x + ' s';
                },
                label: function (item) {
                  return whole.format(item.raw.y) + ' ' + unit;
                }
              }
            }
          }
        }
      };
    });
  }

  function span(values, least) {
    const low = Math.min.apply(null, values);
    const high = Math.max.apply(null, values);
    const middle = (low + high) / 2;
    const half = Math.max(1.06 * (high - low), least, 1e-9) / 2;
    return { min: middle - half, max: middle + half, length: 2 * half };
  }

  // both axes have one scale: distances are what a map is for
  function scatter(parent, title, map) {
    const height = Math.min(560, Math.max(320, 0.8 * parent.clientWidth));
    const ratio = parent.clientWidth / height;
    const across = map.points.map(function (point) {
      return point.x;
    });
    const up = map.points.map(function (point) {
      return point.y;
    });
    const x = span(across, ratio * span(up, 0).length);
    const y = span(up, x.length / ratio);
    chart(parent, title, height, function () {
      return {
        type: 'scatter',
        data: {
          datasets: [{
            data: map.points.map(function (point) {
              return { x: point.x, y: point.y, label: point.label };
            }),
            backgroundColor: color('point'),
            borderWidth: 0,
            radius: map.points.length > 800 ? 3 : 4,
            hoverRadius: 6,
            hoverBackgroundColor: color('ink')
          }]
        },
        options: {
          scales: {
            x: axis('', { min: x.min, max: x.max, ticks: { display: false } }),
            y: axis('', { min: y.min, max: y.max, ticks: { display: false } })
          },
          plugins: {
            tooltip: {
              displayColors: false,
              callbacks: {
                label: function (item) {
                  return wrapped(item.raw.label, parent.clientWidth < 420 ? 34 : 60);
                }
              }
            }
          }
        }
      };
    });
  }

  function show() {
    document.title = data.title + ' · ' + data.output;
    document.getElementById('product').textContent = data.product;
    document.getElementById('title').textContent = data.title;
    document.getElementById('where').textContent = data.output;
    data.tiles.forEach(function (tile) {
      const made = element(document.getElementById('tiles'), 'div', 'tile');
      element(made, 'div', 'name', tile.name);
      element(made, 'div', 'value', tile.value);
      if (tile.more) {
        element(made, 'div', 'more', tile.more);
      }
    });
    if (data.map) {
      const made = card('Map of the vectors', data.map.caption, true);
      scatter(made, 'Map of the vectors', data.map);
    }
    data.charts.forEach(function (each) {
      const made = card(each.title, each.caption, each.kind === 'line');
      if (each.kind === 'amounts') {
        amounts(made, each.title, each.amounts, each.unit);
      } else if (each.kind === 'bars') {
        bars(made, each.title, each.name, each.bars, each.unit);
      } else {
        line(made, each.title, each.points, each.unit);
      }
    });
    data.cards.forEach(function (each) {
      facts(card(each.title, ''), each.facts, each.numbers);
    });
    document.getElementById('end').textContent = data.end;
    draw();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  }

  show();
})();
